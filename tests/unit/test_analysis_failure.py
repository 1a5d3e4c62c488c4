"""Causes of failure from logs. The messages are written after the tools' own; all logs are synthetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eitui.analysis.failure import HINTS, RULES, Cause, CauseKind, cause_of, with_job_memory
from eitui.domain.log import LogLine
from eitui.domain.trial import Block

MEMORY, SHAPE, TIMEOUT = CauseKind.OUT_OF_MEMORY, CauseKind.SHAPE_MISMATCH, CauseKind.TIMEOUT
OPERATION, DATA, UNKNOWN = CauseKind.UNSUPPORTED_OPERATION, CauseKind.DATA, CauseKind.UNKNOWN
LIMIT, GPU, UNFIT, PLATFORM = (
    CauseKind.COMPUTE_LIMIT,
    CauseKind.NEEDS_GPU,
    CauseKind.UNFIT_BLOCK,
    CauseKind.PLATFORM,
)

TELLING = [
    (MEMORY, "tensorflow.python.framework.errors_impl.ResourceExhaustedError: Graph execution error:"),
    (MEMORY, "OOM when allocating tensor with shape[32,128,49,40] and type float on /device:CPU:0 by allocator cpu"),
    (MEMORY, "RESOURCE_EXHAUSTED: failed to allocate memory [Op:Conv2D]"),
    (
        MEMORY,
        "numpy.core._exceptions._ArrayMemoryError: Unable to allocate 3.21 GiB for an array with shape (480, 9e5)",
    ),
    (MEMORY, "ValueError: Unable to allocate 512 MiB for an array with shape (8192, 8192) and data type float64"),
    (MEMORY, "MemoryError"),
    (MEMORY, "terminate called after throwing an instance of 'std::bad_alloc'"),
    (MEMORY, "OSError: [Errno 12] Cannot allocate memory"),
    (MEMORY, "Memory cgroup out of memory: Killed process 4211 (python3) total-vm:9312044kB, anon-rss:4031220kB"),
    (MEMORY, "python3 invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=985"),
    (MEMORY, "oom_reaper: reaped process 4211 (python3), now anon-rss:0kB"),
    (MEMORY, "Pod trial-synthetic terminated: reason OOMKilled, exit code 137"),
    (MEMORY, "The node was low on resource: memory. Container trainer was using 7981532Ki"),
    (MEMORY, "CUDA_ERROR_OUT_OF_MEMORY: out of memory"),
    (MEMORY, "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB"),
    (MEMORY, "Failed to resize buffer. Requested: 20016, available 10384, missing: 9632"),
    (MEMORY, "Application exited with code 137"),
    (MEMORY, "Killed"),
    (MEMORY, "./run.sh: line 12:  4211 Killed                  python3 train.py"),
    (MEMORY, "Process finished with signal 9: SIGKILL"),
    (TIMEOUT, "ERR: DeadlineExceeded"),
    (TIMEOUT, "Job was active longer than specified deadline"),
    (TIMEOUT, "tensorflow.python.framework.errors_impl.DeadlineExceededError: DEADLINE_EXCEEDED: Deadline Exceeded"),
    (TIMEOUT, "subprocess.TimeoutExpired: Command 'python3 train.py' timed out after 3600 seconds"),
    (TIMEOUT, "TimeoutError: [Errno 110] Connection timed out"),
    (TIMEOUT, "Training job timed out after 20 minutes"),
    (TIMEOUT, "Trial exceeded the maximum training time of 3600 s"),
    (TIMEOUT, "Estimated run time exceeds the time limit of the job"),
    (TIMEOUT, "The training time limit was exceeded, stopping"),
    (LIMIT, "Estimated run time exceeds the compute time limit of your project"),
    (LIMIT, "Compute time limit was exceeded, stopping"),
    (LIMIT, "ERR: Estimated training time (38m 30s) is larger than compute time limit (20m 0s)."),
    (LIMIT, "ERR: Estimated training time (1h 2m 3s) is greater than remaining GPU compute time limit (20m 0s)."),
    (GPU, "This block requires training on the GPU, but this impulse is configured to train on CPU."),
    (GPU, "Training this model requires a GPU"),
    (UNFIT, "MobileNetV2 transfer learning only supports a 96x96 input, got 160x160"),
    (UNFIT, "This block only supports 320 x 320 images"),
    (UNFIT, "transfer learning for keyword spotting currently only works with a window size of 1000ms"),
    (UNFIT, "The pretrained network only accepts RGB images"),
    (PLATFORM, "Failed to load metadata for DSP ID 12"),
    (PLATFORM, "ERR: Failed to load metadata for learn block 3"),
    (PLATFORM, "/home is not a directory"),
    (PLATFORM, "--saved-model /tmp/saved_model does not exist"),
    (DATA, "Your dataset contains non-numeric labels. Cannot train regression model."),
    (DATA, "ValueError: labels must be numeric for a regression"),
    (TIMEOUT, "requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='storage', port=443): Read timed out."),
    (OPERATION, "<unknown>:0: error: loc(\"Roll\"): 'tf.Roll' op is neither a custom op nor a flex op"),
    (OPERATION, "Some ops in the model need custom implementation, see instructions: ops-custom"),
    (OPERATION, "Some ops are not supported by the native TFLite runtime, you can enable TF kernels fallback"),
    (OPERATION, "RuntimeError: Encountered unresolved custom op: FlexErf. Node number 4 failed to prepare."),
    (OPERATION, "RuntimeError: Select TensorFlow op(s), included in the given model, is(are) not supported"),
    (OPERATION, "ValueError: Didn't find op for builtin opcode 'CONV_3D' version '1'."),
    (OPERATION, "Op type not registered 'DecodeWav' in binary running on worker"),
    (OPERATION, "No OpKernel was registered to support Op 'CudnnRNN' used by node lstm/CudnnRNN"),
    (OPERATION, "EON compiler: unsupported operator GATHER_ND"),
    (OPERATION, "RuntimeError: The layer type 'GRU' is not supported by the Akida converter"),
    (OPERATION, "Quantization to int8: operation 'EXP' is not yet supported"),
    (OPERATION, "InvalidArgumentError: LSTM kernels cannot be unrolled over 128 points"),
    (OPERATION, "NotImplementedError: Cannot convert a symbolic tensor to a numpy array"),
    (OPERATION, "UnimplementedError: Graph execution error:"),
    (OPERATION, "UNIMPLEMENTED: Fused conv implementation does not support grouped convolutions for now."),
    (SHAPE, 'ValueError: Input 0 of layer "dense" is incompatible with the layer: expected axis -1 to have value 650'),
    (SHAPE, "ValueError: Shapes (None, 3) and (None, 4) are incompatible"),
    (SHAPE, "InvalidArgumentError: Incompatible shapes: [32,10] vs. [32,12] [Op:Mul]"),
    (SHAPE, "Matrix size-incompatible: In[0]: [32,637], In[1]: [650,20]"),
    (SHAPE, "ValueError: Dimensions must be equal, but are 3 and 5 for '{{node add}}'"),
    (SHAPE, "ConcatOp : Dimension 1 in both shapes must match: shape[0] = [1,3] vs. shape[1] = [1,4]"),
    (SHAPE, "ValueError: Negative dimension size caused by subtracting 3 from 1 for '{{node conv1d}}'"),
    (SHAPE, "ValueError: Computed output size would be negative. Received `inputs.shape=(None, 1, 8)`"),
    (SHAPE, "ValueError: cannot reshape array of size 650 into shape (13,49)"),
    (SHAPE, "Input to reshape is a tensor with 20800 values, but the requested shape has 20384"),
    (SHAPE, "ValueError: total size of new array must be unchanged, input_shape = [650], output_shape = [637]"),
    (SHAPE, "ValueError: could not broadcast input array from shape (3,) into shape (4,)"),
    (SHAPE, "ValueError: operands could not be broadcast together with shapes (3,) (4,)"),
    (SHAPE, "ValueError: shapes (2,3) and (4,5) not aligned: 3 (dim 1) != 4 (dim 0)"),
    (SHAPE, "ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0"),
    (SHAPE, "ValueError: setting an array element with a sequence. The array has an inhomogeneous shape after 1 dim"),
    (SHAPE, "logits and labels must have the same first dimension, got logits shape [32,3] and labels shape [96]"),
    (SHAPE, "RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x637 and 650x20)"),
    (SHAPE, "ValueError: all the input array dimensions except for the concatenation axis must match exactly"),
    (SHAPE, "ValueError: FFT length 256 is larger than the frame of 160 samples"),
    (SHAPE, "ValueError: 240 is not a multiple of the network's stride of 32"),
    (DATA, "ERR: No training data found"),
    (DATA, "Exception: Validation set is empty, cannot train"),
    (DATA, "ValueError: With n_samples=0, test_size=0.2 and train_size=None, the resulting train set will be empty"),
    (DATA, "ValueError: Found array with 0 sample(s) (shape=(0, 650)) while a minimum of 1 is required"),
    (DATA, "There are not enough samples of class 'yes' to train on"),
    (DATA, "ValueError: The least populated class in y has only 1 member, which is too few."),
    (DATA, "ValueError: The number of classes has to be greater than one; got 1 class"),
    (DATA, "ValueError: Only one class present in y_true. ROC AUC score is not defined in that case."),
    (DATA, "ValueError: Input X contains NaN."),
    (DATA, "Received a label value of 4 which is outside the valid range of [0, 4).  Label values: 4 4 1"),
    (DATA, "ValueError: n_splits=5 cannot be greater than the number of members in each class."),
    (DATA, "ValueError: zero-size array to reduction operation maximum which has no identity"),
    (DATA, "Your input ran out of data; interrupting training."),
    (DATA, "PIL.UnidentifiedImageError: cannot identify image file 'sample-12.jpg'"),
    (DATA, "Failed to parse sample 12: unexpected end"),
    (DATA, "Corrupt JPEG data: premature end of data segment"),
    (DATA, "FileNotFoundError: [Errno 2] No such file or directory: 'X_split_train.npy'"),
]

NEAR_MISSES = [
    "Allocation of 411041792 exceeds 10% of free system memory.",
    "Memory: 1.2 GiB of 4 GiB in use",
    "Zooming in; a room of 128 samples",
    "not out of memory, going on",
    "RESOURCE_EXHAUSTED: Received message larger than max (5242880 vs. 4194304)",
    "Application exited with code 1",
    "Epoch 137/200, exiting soon",
    "Killed weights: 137 pruned",
    "Timeout set to 3600 s",
    "Training time limit: 20 minutes",
    "Retrying (Retry(total=4)) after connection broken by 'ConnectTimeoutError(pool)'",
    "Download of the job's data timed out, retrying",
    "GPU is not supported here, using CPU",
    "Compute time limit is 20m 0s, estimated training time 12m",
    "Training on the GPU",
    "Only 12 x 4 windows left to process",
    "Loaded metadata for DSP ID 12",
    "/tmp/cache does not exist, making it",
    "All labels are numeric",
    "OSError: [Errno 95] Operation not supported",
    "All 14 ops are supported",
    "DeprecationWarning: np.bool is not supported in later versions",
    "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow",
    "Input shape (None, 650), output shape (None, 4)",
    "Shapes: X (480, 650), Y (480, 4)",
    "Reshaping 650 features into (13, 50)",
    "The window of 1000 ms is larger than before",
    "Found 480 samples of 4 classes",
    "No validation data given; using 20 % of the training data",
    "Loading data... OK",
    "Checked for NaN: none",
    "FileNotFoundError: [Errno 2] No such file or directory: 'ffmpeg'",
    "Hint: If you want to see a list of allocated tensors when OOM happens, add report_tensor_allocations_upon_oom",
    "",
]


def log(*texts: str, level: str = "info") -> list[LogLine]:
    return [LogLine(float(number), level, text) for number, text in enumerate(texts)]


@pytest.mark.parametrize(("kind", "text"), TELLING)
def test_messages_tell_their_cause(kind: CauseKind, text: str) -> None:
    lines = log("Scheduling job in cluster...", "Training for 50 epochs", text, "Job failed (see above)")
    cause = cause_of(lines)
    assert (cause.kind, cause.telling, cause.line) == (kind, 2, lines[2])


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_only_looks_like_a_cause_is_none(text: str) -> None:
    assert cause_of(log("Training for 50 epochs", text, "Job failed")).kind is UNKNOWN


def test_every_rule_and_every_kind_has_messages_that_try_it() -> None:
    for rule in (*RULES, *HINTS):
        assert sum(bool(rule.pattern.search(text)) for kind, text in TELLING if kind is rule.kind) >= 1
    for kind in CauseKind:
        assert kind is UNKNOWN or sum(kind is told for told, _ in TELLING) >= 2


def test_case_does_not_matter_except_for_oom() -> None:
    assert cause_of(log("OUT OF MEMORY")).kind is MEMORY
    assert cause_of(log("oom when it rains")).kind is UNKNOWN


def test_the_line_is_the_last_one_that_tells_and_not_the_advice_after_it() -> None:
    lines = log(
        "Traceback (most recent call last):",
        '  File "train.py", line 12, in <module>',
        "ResourceExhaustedError: Graph execution error:",
        "OOM when allocating tensor with shape[32,128] and type float",
        "\t [[{{node dense/MatMul}}]]",
        "Hint: If you want to see a list of allocated tensors when OOM happens, add an option.",
        "Application exited with code 1",
    )
    assert cause_of(lines).telling == 3


def test_what_was_recovered_from_is_not_what_ended_it() -> None:
    lines = log("Unsupported op: EXP, using a lookup table", "ValueError: Incompatible shapes: [1] vs. [2]", "Stopped")
    assert cause_of(lines) == Cause(SHAPE, 1, lines[1])


def test_the_last_attempt_counts_before_earlier_ones() -> None:
    lines = log(
        "Attempt 1 on worker-synthetic",
        "ValueError: Shapes (3,) and (4,) are incompatible",
        "Attempt 2 on worker-synthetic",
        "Killed",
    )
    assert cause_of(lines).telling == 3
    silent = log("Attempt 1 on w", "ValueError: Shapes (3,) and (4,) are incompatible", "Attempt 2 on w", "Stopped")
    assert cause_of(silent) == Cause(SHAPE, 1, silent[1])


def test_weak_words_give_way_to_plain_ones_of_the_same_attempt() -> None:
    lines = log("Job was active longer than specified deadline", "Killed", "Application exited with code 137")
    assert cause_of(lines) == Cause(TIMEOUT, 0, lines[0])


def test_a_line_that_two_rules_match_is_the_first_ones() -> None:
    both = "OOM when allocating for incompatible shapes"
    assert cause_of(log(both)).kind is MEMORY


def test_debug_lines_tell_nothing() -> None:
    assert cause_of(log("MemoryError", level="debug")).kind is UNKNOWN


def test_an_unknown_cause_points_to_the_last_exception_else_the_last_error_else_the_last_telling_line() -> None:
    lines = [*log("KeyError: 'label'", "see above"), *log("Job failed", "", level="error")]
    assert cause_of(lines) == Cause(UNKNOWN, 0, lines[0])
    lines = [*log("Beginning"), *log("The worker gave up", " ", level="error"), *log("Bye")]
    assert cause_of(lines) == Cause(UNKNOWN, 1, lines[1])
    lines = log("Beginning", "Bye")
    assert cause_of(lines) == Cause(UNKNOWN, 1, lines[1])
    assert cause_of([]) == Cause()


@pytest.mark.parametrize(
    "text",
    [
        "Job failed (see above)",
        "ERR: Job failed",
        "Training failed.",
        "Converting SavedModel failed, see above",
        "Application exited with code 1",
        "Application exited with code 139 (segmentation fault)",
        "Process terminated with exit code 2",
        "If this keeps happening, please contact support at hello@edgeimpulse.com",
        "(advice to contact support or raise the job memory in the dashboard)",
        "Job started",
        "Scheduling job in cluster...",
        "Container image pulled!",
        "Epoch 12/60",
        "50/50 - 1s - loss: 0.3337 - accuracy: 0.8746 - val_loss: 0.3040 - val_accuracy: 0.8947",
        "12/50 [=====>........................] - ETA: 2s - loss: 0.5",
        "[ 5/10] Creating features...",
        " 45%|████▌     | 9/20 [00:03<00:04]",
        "----------------",
        "",
        "   ",
    ],
)
@pytest.mark.parametrize("level", ["info", "error"])
def test_trailers_and_signs_of_progress_are_never_the_reason(text: str, level: str) -> None:
    lines = [*log("Job started", "The scaler gave up"), *log(text, text, level=level)]
    assert cause_of(lines) == Cause(UNKNOWN, 1, lines[1])
    assert cause_of(log(text, level=level)) == Cause(UNKNOWN)


def test_a_line_that_reads_like_an_error_is_no_trailer_for_its_advice() -> None:
    lines = log("Loading", "ERR: The DSP server is gone, contact support", "Please contact support")
    assert cause_of(lines) == Cause(UNKNOWN, 1, lines[1])


@pytest.mark.parametrize(
    ("text", "memory", "advice"),
    [
        ("Application exited with code 137", None, "Raise the job memory in the project's dashboard."),
        ("Application exited with code 137", 4096, "Raise the job memory (now 4,096 MiB) in the project's dashboard."),
        ("OOM when allocating", 2048, "Raise the job memory (now 2,048 MiB) in the project's dashboard."),
        ("CUDA out of memory", 4096, "Search for smaller networks"),
        ("Failed to load metadata for DSP ID 3", 4096, "The network is not to blame: run it again"),
        ("MemoryError: ", None, "Raise the job memory in"),
        ("ValueError: Incompatible shapes: [1] vs. [2]", 4096, ""),
    ],
)
def test_a_cause_says_what_to_do_where_that_is_known(text: str, memory: int | None, advice: str) -> None:
    found = with_job_memory(cause_of(log(text)), memory).advice
    assert found.startswith(advice)
    assert bool(found) == bool(advice)


def test_the_failing_block_and_its_retries() -> None:
    blocks = [Block(1, "input", "completed"), Block(2, "dsp", "completed", 5), Block(3, "learn", "failed", 2)]
    assert cause_of([], blocks) == Cause(UNKNOWN, None, None, "learn", 2)
    assert cause_of([], blocks[:2]) == Cause(UNKNOWN, None, None, "", 5)


@given(st.lists(st.builds(LogLine, st.none() | st.floats(), st.text(max_size=8), st.text(max_size=200)), max_size=20))
def test_any_log_has_a_cause(lines: list[LogLine]) -> None:
    cause = cause_of(lines)
    assert cause.line is (None if cause.telling is None else lines[cause.telling])


@given(st.permutations(TELLING[:6]), st.integers(0, 5))
def test_lines_that_tell_nothing_change_nothing(messages: list[tuple[CauseKind, str]], at: int) -> None:
    texts = [text for _, text in messages]
    padded = [*texts[:at], "nothing to see", *texts[at:], "Job failed"]
    assert cause_of(log(*texts)).kind is cause_of(log(*padded)).kind
