from typing import Any

from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel


class Article(BaseModel):
    topic: str
    words: int = 0
    short: str = ""


def find(state: Article) -> dict[str, Any]:
    return {"words": "about " + state.topic}


def shorten(state: Article) -> dict[str, Any]:
    return {"short": "word " * state.words}


building = StateGraph(Article)
building.add_node("find", find)
building.add_node("shorten", shorten)
building.add_edge(START, "find")
building.add_edge("find", "shorten")
building.add_edge("shorten", END)
graph = building.compile()

if __name__ == "__main__":
    print(graph.invoke({"topic": "ai"}))
