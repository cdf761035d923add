import sys

from hamilton import driver


def text(written: str) -> str:
    return "about " + written


def written(text: str, style: str = "plain") -> str:
    return f"{text}, {style}"


INPUTS = {"topic": "ai"}
FLOW = driver.Builder().with_modules(sys.modules[__name__]).build()
FLOW.validate_execution(["written"], inputs=INPUTS)

if __name__ == "__main__":
    print(FLOW.execute(["written"], inputs=INPUTS))
