from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy


class Article(TypedDict, total=False):
    topic: str
    text: str
    style: str
    written: str


calls = 0


def find(state: Article) -> Article:
    global calls
    calls += 1
    if calls < 3:
        raise ConnectionError(f"call {calls} failed")
    return {"text": "about " + state["topic"]}


def write(state: Article) -> Article:
    return {"written": state["text"].upper()}


building = StateGraph(Article)
building.add_node("find", find, retri_policy=RetryPolicy(max_attempts=3))
building.add_node("write", write)
building.add_edge(START, "find")
building.add_edge("find", "write")
building.add_edge("write", END)
graph = building.compile()

if __name__ == "__main__":
    try:
        print(graph.invoke({"topic": "ai"}))
    except ConnectionError:
        print(f"calls made: {calls}")
