"""Finds libsurety and calls its grader (surety/grade.h) through ctypes."""
import ctypes
import ctypes.util
import glob
import os
import shutil
from collections import namedtuple

KINDS = ("any", "choice", "number", "expression", "text")
NAME = "libsurety.so.0"
HELP = (f"{NAME} was not found. Build and install surety (meson setup build && ninja -C build && "
        "meson install -C build), or name the library in the environment: "
        f"SURETY_LIBRARY=/path/to/{NAME}")


class LibraryNotFound(ImportError):
    """libsurety is not there, cannot be loaded or is too old; the message says what to do."""


class SuretyError(Exception):
    """The library refused: out of memory, a text longer than 16 MiB."""


class _Error(ctypes.Structure):
    _fields_ = [("code", ctypes.c_int), ("message", ctypes.c_char * 500)]


class _Gold(ctypes.Structure):
    _fields_ = [("answers", ctypes.POINTER(ctypes.c_char_p)), ("n_answers", ctypes.c_size_t),
                ("problem", ctypes.c_char_p), ("kind", ctypes.c_int), ("tolerance", ctypes.c_double),
                ("relative_tolerance", ctypes.c_double), ("reserved_", ctypes.c_uint64 * 8)]


class _Grade(ctypes.Structure):
    _fields_ = [("relation", ctypes.c_int), ("how", ctypes.c_char_p), ("gold", ctypes.c_size_t),
                ("answer", ctypes.c_char_p), ("found", ctypes.c_char_p), ("start", ctypes.c_size_t),
                ("end", ctypes.c_size_t), ("reserved_", ctypes.c_uint64 * 8)]


Raw = namedtuple("Raw", "relation how answer found start end")

_INVALID = b"invalid_argument"
_library = None


def candidates():
    """Where the library may be, best first."""
    named = os.environ.get("SURETY_LIBRARY")
    if named:
        return [named]
    program = shutil.which("surety")
    beside = os.path.dirname(os.path.dirname(os.path.realpath(program))) if program else None
    folders = [beside, "/usr/local", "/usr"]
    found = [NAME]  # as the loader finds it: LD_LIBRARY_PATH, ld.so.cache
    for folder in filter(None, folders):
        found += sorted(glob.glob(os.path.join(folder, "lib*", NAME)) +
                        glob.glob(os.path.join(folder, "lib", "*", NAME)))
    return found


def _open():
    reason = ""
    for path in candidates():
        try:
            library = ctypes.CDLL(path)
            library.surety_check
        except (OSError, AttributeError) as error:
            if path != NAME:
                reason = f" ({error})"
            continue
        return library
    raise LibraryNotFound(HELP + reason)


def load():
    """The library, opened at first use. No lock, which a fork could leave taken: two threads at once open
    it twice, and the same code comes out."""
    global _library
    if _library is None:
        library = _open()
        out = [ctypes.POINTER(_Grade), ctypes.POINTER(_Error)]
        gold = ctypes.POINTER(_Gold)
        library.surety_extract.argtypes = [ctypes.c_char_p, ctypes.c_bool] + out
        library.surety_equal.argtypes = [gold, ctypes.c_char_p] + out
        library.surety_check.argtypes = [gold, ctypes.c_char_p, ctypes.c_bool] + out
        library.surety_grade_fini.argtypes = [ctypes.POINTER(_Grade)]
        library.surety_grade_fini.restype = None
        library.surety_err_name.argtypes = [ctypes.c_int]
        library.surety_version.restype = library.surety_err_name.restype = ctypes.c_char_p
        _library = library
    return _library


def _call(function, *arguments):
    library, grade, error = load(), _Grade(), _Error()
    code = function(*arguments, ctypes.byref(grade), ctypes.byref(error))
    if code:
        message = error.message.decode("utf-8", "replace")
        raise (ValueError if library.surety_err_name(code) == _INVALID else SuretyError)(message)
    raw = Raw(grade.relation, grade.how, grade.answer, grade.found, grade.start, grade.end)
    library.surety_grade_fini(ctypes.byref(grade))
    return raw


def _make_gold(answers, problem, kind, tolerance, relative_tolerance):
    texts = (ctypes.c_char_p * len(answers))(*answers)
    return _Gold(answers=ctypes.cast(texts, ctypes.POINTER(ctypes.c_char_p)), n_answers=len(answers),
                 problem=problem, kind=KINDS.index(kind), tolerance=tolerance,
                 relative_tolerance=relative_tolerance)


def extract(text, truncated):
    return _call(load().surety_extract, text, truncated)


def equal(answers, answer, **gold):
    return _call(load().surety_equal, ctypes.byref(_make_gold(answers, **gold)), answer)


def check(answers, text, truncated, **gold):
    return _call(load().surety_check, ctypes.byref(_make_gold(answers, **gold)), text, truncated)
