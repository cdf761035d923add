from typing import TypedDict

from langgraph.graph import START, StateGraph

calls = 0


class Article(TypedDict, total=False):
    topic: str
    text: str
    written: str


def find(state: Article) -> Article:
    global calls
    calls += 1
    return {"text": "about " + state.get("written", "ai")}


def write(state: Article) -> Article:
    global calls
    calls += 1
    return {"written": state["text"][:100]}


building = StateGraph(Article)
building.add_node("find", find)
building.add_node("write", write)
building.add_edge(START, "find")
building.add_edge("find", "write")
building.add_edge("write", "find")
graph = building.compile()

if __name__ == "__main__":
    try:
        print(graph.invoke({"topic": "ai"}))
    finally:
        print(f"calls made: {calls}")
