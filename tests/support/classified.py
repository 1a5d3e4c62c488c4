"""Results of testing an impulse, read as the client reads them."""

from eitui.api.classify import ClassifyReader, ClassifyResult


def read_classify_result(body: bytes) -> ClassifyResult:
    reader = ClassifyReader(body)
    for _ in reader.steps():
        pass
    return reader.result()
