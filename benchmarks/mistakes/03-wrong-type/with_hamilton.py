import sys

from hamilton import driver


def text(topic: str) -> str:
    return "about " + topic


def short(text: int) -> str:
    return "word " * text


INPUTS = {"topic": "ai"}
FLOW = driver.Builder().with_modules(sys.modules[__name__]).build()
FLOW.validate_execution(["short"], inputs=INPUTS)

if __name__ == "__main__":
    print(FLOW.execute(["short"], inputs=INPUTS))
