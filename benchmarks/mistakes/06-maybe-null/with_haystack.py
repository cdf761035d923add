from haystack import Pipeline, component


@component
class Find:
    @component.output_types(text=str | None)
    def run(self, topic: str, deep: bool = False) -> dict[str, str | None]:
        return {"text": "about " + topic if deep else None}


@component
class Write:
    @component.output_types(written=str)
    def run(self, text: str, style: str = "plain") -> dict[str, str]:
        return {"written": f"{text}, {style}"}


pipeline = Pipeline()
pipeline.add_component("find", Find())
pipeline.add_component("write", Write())
pipeline.connect("find.text", "write.text")

if __name__ == "__main__":
    print(pipeline.run({"find": {"topic": "ai"}}))
