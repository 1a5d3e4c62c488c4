"""The API's answers, typed. One file per subject; each is imported where it is used, since each costs start-up time.

Names are the API's in snake_case. Nothing in an optional place makes an answer unreadable: the document contradicts
itself and the service renames fields, so a value that is missing, null or of another type is read as "not said" (None,
or an empty text, tuple or mapping). Only what an answer is about must be there. Words are open: a status or type the
document does not name is kept as it is. Texts are clean (see `eitui.domain.text`), the keys of free-form objects too.
"""
