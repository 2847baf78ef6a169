"""Graphs by themselves: how a value walks, what is refused, and what is drawn."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from nbagent import Graph, GraphError, Node, RunLimitReached, parallel, retry


def double(value: int) -> int:
    """A plain function as a node."""
    return value * 2


async def add_one(value: int) -> int:
    """An async function as a node."""
    await asyncio.sleep(0)
    return value + 1


def is_big(value: int) -> bool:
    """A condition with a name."""
    return value > 10


def line(*steps: Any, name: str = "line") -> Graph[Any, Any]:
    """A graph of one step after the other."""
    graph: Graph[Any, Any] = Graph(name)
    graph.path(graph.start, *steps, graph.finish)
    return graph


async def test_a_value_walks_along_the_edges() -> None:
    """Plain and async functions are nodes; each gets what the one before gave."""
    assert await line(double, add_one).run(3) == 7


async def test_an_empty_graph_gives_back_its_value() -> None:
    """A way from start to finish is a graph."""
    assert await line().run("same") == "same"


async def test_the_first_open_edge_is_taken_in_the_order_drawn() -> None:
    """Conditions are tried one by one; the last one without a condition is for all others."""
    graph: Graph[int, str] = Graph()
    graph.edge(graph.start, double)
    graph.edge(double, graph.finish, when=is_big, transform=lambda value: f"big {value}")
    graph.edge(double, graph.finish, transform=str)
    assert await graph.run(6) == "big 12"
    assert await graph.run(2) == "4"


async def test_a_loop_goes_on_until_its_condition_ends_it() -> None:
    """An edge may lead back."""
    graph: Graph[int, int] = Graph()
    graph.edge(graph.start, double)
    graph.edge(double, graph.finish, when=is_big)
    graph.edge(double, double)
    assert await graph.run(1) == 16


async def test_a_loop_without_end_is_ended() -> None:
    """The error names the graph, its limit and the node."""
    graph: Graph[int, int] = Graph("endless", max_steps=7)
    graph.edge(graph.start, add_one)
    graph.edge(add_one, graph.finish, when=lambda value: value < 0)
    graph.edge(add_one, add_one)
    with pytest.raises(RunLimitReached, match=r"'endless' entered 7 nodes.*'add_one'"):
        await graph.run(1)


async def test_a_walk_may_take_all_its_steps() -> None:
    """The limit counts nodes, not the way out."""
    graph: Graph[int, int] = Graph(max_steps=2)
    graph.path(graph.start, double, add_one, graph.finish)
    assert await graph.run(1) == 3


async def test_no_open_edge_is_an_error_that_names_node_and_value() -> None:
    """A value that nobody thought of does not end in silence."""
    graph: Graph[int, int] = Graph("choosy")
    graph.edge(graph.start, double)
    graph.edge(double, graph.finish, when=is_big)
    with pytest.raises(GraphError, match=r"'choosy': no edge from 'double'.*int"):
        await graph.run(1)


def test_faults_are_found_before_anything_runs() -> None:
    """Nodes that nothing leads to, that lead nowhere, or that never end are all named."""
    graph: Graph[int, int] = Graph("faulty")
    graph.edge(graph.start, double)
    graph.edge(double, graph.finish)
    graph.add(add_one, "lonely")
    graph.add(add_one, "orphan")
    graph.edge("orphan", "finish")
    stuck = graph.add(add_one, "stuck")
    graph.edge(double, stuck)
    graph.edge(stuck, stuck)
    with pytest.raises(GraphError) as caught:
        graph.check()
    text = str(caught.value)
    assert "no edge leads on from 'lonely'" in text
    assert "no way leads to 'lonely', 'orphan'" in text
    assert "the finish cannot be reached from 'stuck'" in text


def test_a_graph_without_edges_is_faulty() -> None:
    """Nothing leads on from its start."""
    with pytest.raises(GraphError, match="no edge leads on from 'start'"):
        Graph().check()


@pytest.mark.parametrize(
    ("source", "target"), [("finish", "work"), ("work", "start"), ("finish", "start")]
)
def test_nothing_comes_after_the_finish_or_before_the_start(source: str, target: str) -> None:
    """Such an edge is refused when it is drawn."""
    graph: Graph[int, int] = Graph()
    graph.add(double, "work")
    with pytest.raises(GraphError, match="nothing comes after"):
        graph.edge(source, target)


def test_two_nodes_cannot_have_one_name() -> None:
    """Events and drawings tell nodes apart by name."""
    graph: Graph[int, int] = Graph()
    graph.add(double, "work")
    with pytest.raises(GraphError, match="node named 'work' already"):
        graph.add(add_one, "work")


def test_a_name_that_no_node_has_is_refused() -> None:
    """The error lists those that there are."""
    with pytest.raises(GraphError, match="no node named 'wrok'; it has 'start', 'finish'"):
        Graph().edge("wrok", "finish")


def test_what_cannot_be_called_is_no_node() -> None:
    """The error says what a node is."""
    with pytest.raises(GraphError, match="cannot be a node"):
        Graph().add(3)


async def test_a_function_is_one_node_however_often_it_is_named() -> None:
    """Edges may name functions and graphs themselves."""
    graph: Graph[int, int] = Graph()
    graph.edge("start", double)
    graph.edge(double, "finish")
    assert [node.name for node in graph.nodes] == ["start", "finish", "double"]
    assert await graph.run(4) == 8


async def test_the_decorator_makes_a_node() -> None:
    """A function under ``@graph.node`` is the node, by its own name."""
    graph: Graph[int, int] = Graph()

    @graph.node
    async def triple(value: int) -> int:
        return value * 3

    graph.path(graph.start, triple, graph.finish)
    assert isinstance(triple, Node)
    assert await graph.run(2) == 6


async def test_a_node_may_take_the_context_too() -> None:
    """What the graph was run with reaches the functions that ask for it."""

    def with_context(context: list[int], value: int) -> int:
        context.append(value)
        return value

    seen: list[int] = []
    await line(with_context, double, add_one).run(5, seen)
    assert seen == [5]


async def test_a_graph_is_a_node_of_another() -> None:
    """A subgraph gets the value, and gives its own."""
    inner = line(double, add_one, name="inner")
    assert await line(add_one, inner, double).run(1) == 10


async def test_branches_run_side_by_side_and_keep_their_order() -> None:
    """They overlap, and the merge sees them in the order in which they were given."""
    going: list[str] = []
    both = asyncio.Event()

    def branch(name: str) -> Node[int, str]:
        async def run(value: int) -> str:
            going.append(name)
            if len(going) == 2:
                both.set()
            await asyncio.wait_for(both.wait(), 60)
            return f"{name}{value}"

        return Node.of(run, name)

    fork = parallel(branch("a"), branch("b"), merge=lambda made: [b.value for b in made])
    assert await line(fork).run(1) == ["a1", "b1"]


async def test_without_a_merge_the_value_is_the_list() -> None:
    """All values, in order."""
    assert await line(parallel(double, add_one)).run(5) == [10, 6]


async def test_one_branch_that_fails_ends_the_others() -> None:
    """Its error is raised, and nothing is left running."""
    ended: list[str] = []

    async def waits(value: int) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("waits")

    async def fails(value: int) -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await line(parallel(waits, fails)).run(1)
    assert ended == ["waits"]


def test_branches_need_a_step() -> None:
    """A node of no branches is refused."""
    with pytest.raises(GraphError, match="has no branches"):
        parallel()


class Copied:
    """A context that can be copied, as a conversation can."""

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def fork(self) -> Copied:
        """A copy."""
        return Copied(list(self.words))

    def adopt(self, other: Copied) -> None:
        """Take the other's words."""
        self.words = other.words


def says(word: str) -> Node[Any, str]:
    """A node that writes into the context."""

    def run(context: Copied, value: Any) -> str:
        context.words.append(word)
        return word

    return Node.of(run, word)


async def test_a_branch_has_a_context_of_its_own() -> None:
    """What branches write is apart; the one that the merge gives is taken over."""
    context = Copied(["q"])
    chosen = parallel(says("a"), says("b"), merge=lambda made: made[1])
    assert await line(chosen).run(0, context) == "b"
    assert context.words == ["q", "b"]
    assert await line(parallel(says("c"), says("d"))).run(0, context) == ["c", "d"]
    assert context.words == ["q", "b"]


async def test_a_node_is_tried_again_until_its_value_does() -> None:
    """Each attempt begins with the context as it was."""
    context = Copied(["q"])
    tries: list[list[str]] = []

    def attempt(context: Copied, value: int) -> int:
        context.words.append("try")
        tries.append(list(context.words))
        return len(tries)

    assert await line(retry(attempt, until=lambda value: value == 2)).run(0, context) == 2
    assert tries == [["q", "try"], ["q", "try"]]
    assert context.words == ["q", "try"]


async def test_a_node_that_never_does_is_an_error() -> None:
    """After its attempts nothing is taken over."""
    with pytest.raises(GraphError, match="'retry double' was tried 2 times"):
        await line(retry(double, attempts=2, until=lambda value: False)).run(1)


async def test_only_the_named_errors_are_tried_again() -> None:
    """Others are raised at once, and the named one when the attempts are used up."""
    raised: list[type[Exception]] = []

    def fails(value: type[Exception]) -> None:
        raised.append(value)
        raise value("broken")

    with pytest.raises(ValueError, match="broken"):
        await line(retry(fails, attempts=3, on=ValueError)).run(ValueError)
    with pytest.raises(KeyError):
        await line(retry(fails, attempts=3, on=ValueError)).run(KeyError)
    assert raised == [ValueError, ValueError, ValueError, KeyError]


class Watched:
    """A context that is told of nodes."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def entered(self, graph: Graph[Any, Any], node: Node[Any, Any]) -> None:
        """A node begins."""
        self.told.append(f"+{graph.name}.{node.name}")

    def left(self, graph: Graph[Any, Any], node: Node[Any, Any]) -> None:
        """A node has ended."""
        self.told.append(f"-{graph.name}.{node.name}")


async def test_a_watcher_is_told_of_each_node_also_of_one_that_fails() -> None:
    """Every beginning has its end, in subgraphs too."""
    watched = Watched()
    with pytest.raises(ZeroDivisionError):
        await line(line(double, name="inner"), lambda value: value / 0).run(1, watched)
    assert watched.told == [
        "+line.inner",
        "+inner.double",
        "-inner.double",
        "-line.inner",
        "+line.lambda",
        "-line.lambda",
    ]


def test_the_drawing_names_nodes_edges_and_conditions() -> None:
    """Subgraphs and branches are drawn inside their node; words are quoted."""
    graph: Graph[int, int] = Graph()
    graph.edge("start", double)
    graph.edge(double, parallel(add_one, line(double, name="inner"), name='a "quoted" <name>'))
    graph.edge(double, "finish", when=is_big)
    graph.edge('a "quoted" <name>', "finish", label="done")
    drawing = graph._repr_mimebundle_()["text/vnd.mermaid"]
    assert drawing == "\n".join(
        [
            "flowchart TD",
            '  n0(["start"])',
            '  n1(["finish"])',
            '  n2["double"]',
            '  subgraph n3["a #quot;quoted#quot; #lt;name#gt;"]',
            '    n4["add_one"]',
            '    subgraph n5["inner"]',
            '      n6(["start"])',
            '      n7(["finish"])',
            '      n8["double"]',
            "      n6 --> n8",
            "      n8 --> n7",
            "    end",
            "  end",
            "  n0 --> n2",
            "  n2 --> n3",
            '  n2 -->|"is big"| n1',
            '  n3 -->|"done"| n1',
        ]
    )
