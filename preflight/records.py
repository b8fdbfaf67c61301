"""Dataclasses as `dataclasses` makes them, without their cost at every start.

The standard library writes the methods of each dataclass as text and compiles it whenever the module is imported:
0.9 ms for a frozen, slotted one. A check loads well over a hundred, which took more time than all it reads.
Here the methods are shared and look at the class's own fields. Type checkers see the standard library's.
Only what the house uses is there: `frozen`, `slots`, `kw_only`, `KW_ONLY`, defaults and `field(default_factory=…)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import KW_ONLY, FrozenInstanceError, dataclass, field, replace

    __all__ = ["KW_ONLY", "FrozenInstanceError", "dataclass", "field", "replace"]
else:
    _MISSING = object()

    class KW_ONLY:  # noqa: N801 -- the name that annotations use
        """Marks that the fields below it are given by name only."""

    class FrozenInstanceError(AttributeError):
        """Raised when a field of a frozen dataclass is set."""

    class _Factory:
        __slots__ = ("make",)

        def __init__(self, make):
            self.make = make

    def field(*, default_factory):
        """Give a field a default that is made anew for each instance."""
        return _Factory(default_factory)

    def replace(instance, /, **changes):
        """Return a copy with some fields changed."""
        put = object.__setattr__
        made = object.__new__(type(instance))
        for name in instance.__record_fields__:
            put(made, name, changes.pop(name) if name in changes else getattr(instance, name))
        if changes:
            raise TypeError(f"{type(instance).__name__}() has no `{next(iter(changes))}`")
        return made

    def dataclass(cls=None, /, *, frozen=False, slots=False, kw_only=False):
        """Make a class with fields, as `dataclasses.dataclass` does."""
        if cls is None:
            return lambda found: _made(found, frozen=frozen, slots=slots, kw_only=kw_only)
        return _made(cls, frozen=frozen, slots=slots, kw_only=kw_only)

    def _made(cls, *, frozen, slots, kw_only):
        own = cls.__dict__
        names, by_position, defaults = [], [], {}
        for base in reversed(cls.__mro__[1:]):
            for name in base.__dict__.get("__record_fields__", ()):
                names.append(name)
                if name in base.__match_args__:
                    by_position.append(name)
            defaults.update(base.__dict__.get("__record_defaults__", {}))
        inherited = len(names)
        named_only = kw_only
        for name, annotation in own.get("__annotations__", {}).items():
            if annotation == "KW_ONLY":
                named_only = True
            elif not annotation.startswith(("ClassVar", "InitVar")):
                names.append(name)
                if not named_only:
                    by_position.append(name)
                if name in own:
                    defaults[name] = own[name]
        body = {name: value for name, value in own.items() if name not in ("__dict__", "__weakref__")}
        for name in names[inherited:]:
            body.pop(name, None)
        body |= {
            "__record_fields__": tuple(names),
            "__record_defaults__": defaults,
            "__match_args__": tuple(by_position),
            "__init__": _init(tuple(names), tuple(by_position), defaults),
        }
        body.setdefault("__repr__", _repr)
        body.setdefault("__eq__", _eq)
        if frozen:
            body |= {"__setattr__": _refuse, "__delattr__": _refuse}
            body["__hash__"] = own.get("__hash__") or _hash
        if slots:
            body["__slots__"] = tuple(names[inherited:])
        made = type(cls)(cls.__name__, cls.__bases__, body)
        made.__qualname__ = cls.__qualname__
        return made

    def _init(names, by_position, defaults):
        put = object.__setattr__
        count = len(by_position)
        # For each number of values given by position: the names in order, those left, and the defaults of these.
        left = [tuple(name for name in names if name not in by_position[:given]) for given in range(count + 1)]
        orders = [(*by_position[:given], *rest) for given, rest in enumerate(left)]
        wanted = [frozenset(rest) for rest in left]
        plain = {name: value for name, value in defaults.items() if type(value) is not _Factory}
        known = [{name: plain[name] for name in rest if name in plain} for rest in left]
        tails = [
            tuple(some.values()) if len(some) == len(rest) else None for some, rest in zip(known, left, strict=True)
        ]

        def __init__(self, *values, **given):  # noqa: N807 -- it becomes the class's own
            done = len(values)
            if done > count:
                raise TypeError(f"{type(self).__name__}() takes {count} values by position, {done} were given")
            if given:
                merged = known[done] | given
                if merged.keys() != wanted[done]:
                    merged = _completed(type(self).__name__, left[done], given, defaults)
                for name, value in zip(by_position, values, strict=False):
                    put(self, name, value)
                for name, value in merged.items():
                    put(self, name, value)
                return
            tail = tails[done]
            if tail is None:
                tail = _completed(type(self).__name__, left[done], given, defaults).values()
            for name, value in zip(orders[done], (*values, *tail), strict=True):
                put(self, name, value)

        return __init__

    def _completed(called, names, given, defaults):
        """Return the values of fields in order, those made anew among them."""
        found = {}
        for name in names:
            value = given.pop(name, _MISSING)
            if value is _MISSING:
                value = defaults.get(name, _MISSING)
                if value is _MISSING:
                    raise TypeError(f"{called}() needs `{name}`")
                if type(value) is _Factory:
                    value = value.make()
            found[name] = value
        if given:
            raise TypeError(f"{called}() has no `{next(iter(given))}`, or was given it twice")
        return found

    def _values(instance):
        return tuple([getattr(instance, name) for name in instance.__record_fields__])

    def _repr(self):
        inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__record_fields__)
        return f"{type(self).__qualname__}({inside})"

    def _eq(self, other):
        if type(other) is not type(self):
            return NotImplemented
        return self is other or _values(self) == _values(other)

    def _hash(self):
        return hash(_values(self))

    def _refuse(_, name, *__):
        raise FrozenInstanceError(f"cannot change `{name}`")
