"""A node of Rasa's graph that is called at once does as it does itself; run by Rasa's interpreter."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent, GraphNode, GraphSchema
from rasa.shared.exceptions import InvalidConfigException, RasaException
from rekey_assistant import turn_repairs


class Part(GraphComponent):
    """A component that answers, or fails as it is told to."""

    @classmethod
    def create(cls, *_: object, **__: object) -> Part:
        """Create it."""
        return cls()

    def work(self, left: object, right: object) -> object:
        """Return both, or raise what is given."""
        if isinstance(right, Exception):
            raise right
        return left, right


def node(*, eager: bool = True) -> GraphNode:
    """Return a node with two needs."""
    needs, context = {"left": "a", "right": "b"}, ExecutionContext(GraphSchema({}))
    return GraphNode("n", Part, "create", {}, "work", needs, eager, None, None, context)  # type: ignore[arg-type]


def _outcome(call: Any, *outputs: object) -> object:  # noqa: ANN401  a node or what stands for it
    try:
        return call(*outputs)
    except Exception as refused:  # noqa: BLE001  whatever it is, both must raise it
        return type(refused), str(refused), type(refused.__cause__)


def it_answers_and_fails_as_the_node() -> None:
    """The answer, each kind of error and a missing input are the same."""
    rasa = node()
    direct = turn_repairs._direct(rasa)
    assert direct is not rasa
    assert direct(("a", 1), ("b", 2)) == rasa(("a", 1), ("b", 2)) == ("n", (1, 2))
    for given in (ValueError("x"), RasaException("y"), InvalidConfigException("z")):
        outputs = ("a", 1), ("b", given)
        assert _outcome(direct, *outputs) == _outcome(rasa, *outputs)
    assert _outcome(direct, ("a", 1), "b") == _outcome(rasa, ("a", 1), "b")


def other_nodes_are_left_alone() -> None:
    """A node with hooks, or one that is built when it runs, is called itself."""
    hooked, late = node(), node(eager=False)
    hooked._hooks = [object()]  # type: ignore[list-item]
    assert [turn_repairs._direct(each) is each for each in (hooked, late)] == [True, True]


if __name__ == "__main__":
    it_answers_and_fails_as_the_node()
    other_nodes_are_left_alone()
