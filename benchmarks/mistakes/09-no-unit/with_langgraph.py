import asyncio
from typing import TypedDict

from langgraph.graph import END, START, StateGraph


class Article(TypedDict, total=False):
    topic: str
    text: str
    style: str
    written: str


async def find(state: Article) -> Article:
    await asyncio.sleep(1.5)
    return {"text": "about " + state["topic"]}


def write(state: Article) -> Article:
    return {"written": state["text"].upper()}


building = StateGraph(Article)
building.add_node("find", find, timeout=1000)
building.add_node("write", write)
building.add_edge(START, "find")
building.add_edge("find", "write")
building.add_edge("write", END)
graph = building.compile()

if __name__ == "__main__":
    print(asyncio.run(graph.ainvoke({"topic": "ai"})))
