"""Stand in for TensorFlow where it is left out on purpose: importing works, using it refuses loudly.

Rasa 3.6.21 imports TensorFlow in modules that a light pipeline never runs (DIET, TED, the response selector).
Names and submodules found here can be imported, subclassed and used in annotations; the first call that would
compute something raises :class:`TensorFlowLeftOut` and says which name was called.
"""

# ruff: noqa: ANN401  a placeholder has every type
from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from types import ModuleType
from typing import Any

__all__ = ["TensorFlowLeftOut"]
__version__ = "0.0.0+left.out"
_ROOTS = ("tensorflow", "keras", "tensorflow_hub", "tensorflow_text", "tensorflow_addons")
_DECORATORS = frozenset({"function", "register_keras_serializable", "custom_gradient"})


class TensorFlowLeftOut(RuntimeError):  # noqa: N818  it names what happened, as Rasa prints only this
    """Something needs the real TensorFlow, which this environment leaves out."""


class _Inert(type):
    """The class of all placeholder names: attributes are placeholders too, calls refuse."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _name(f"{cls.__qualname__}.{name}")

    def __call__(cls, *args: Any, **_: Any) -> Any:
        if cls.__name__ in _DECORATORS:
            return args[0] if args and callable(args[0]) else (lambda decorated: decorated)
        raise TensorFlowLeftOut(
            f"{cls.__qualname__} needs TensorFlow, which this environment leaves out. "
            "Use a pipeline component without it (see docs/decisions/0010-assistant-without-tensorflow.md)."
        )

    def __getitem__(cls, _: object) -> Any:
        return cls

    def __or__(cls, _: object) -> Any:
        return cls

    __ror__ = __or__


def _name(dotted: str) -> Any:
    return _Inert(dotted.rpartition(".")[2], (), {"__qualname__": dotted, "__module__": "tensorflow"})


class _InertModule(ModuleType):
    """A module in which every public name is a placeholder."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        placeholder = _name(f"{self.__name__}.{name}")
        setattr(self, name, placeholder)
        return placeholder


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds every submodule of the packages that are left out."""

    def find_spec(self, fullname: str, *_: object) -> importlib.machinery.ModuleSpec | None:
        """Return a specification for any submodule of a package left out."""
        root, dot, _rest = fullname.partition(".")
        if root not in _ROOTS or not dot:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """Return an empty module whose names are placeholders."""
        return _InertModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: there is no code to run."""


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return _name(f"tensorflow.{name}")


sys.meta_path.append(_Finder())
