from haystack import Pipeline, component


@component
class Find:
    @component.output_types(text=str)
    def run(self, topic: str) -> dict[str, str]:
        return {"text": "about " + topic}


@component
class Shorten:
    @component.output_types(short=str)
    def run(self, words: int) -> dict[str, str]:
        return {"short": "word " * words}


pipeline = Pipeline()
pipeline.add_component("find", Find())
pipeline.add_component("shorten", Shorten())
pipeline.connect("find.text", "shorten.words")

if __name__ == "__main__":
    print(pipeline.run({"find": {"topic": "ai"}}))
