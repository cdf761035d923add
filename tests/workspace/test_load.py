"""Loading: paths, texts, several pipelines, bad files; inputs by name; pictures."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import misydsl
from misydsl.failures import InputsInvalid, MisyError, SourceInvalid
from misydsl.store.journal import Journal
from misydsl.workspace import Pipeline, check_file, check_text, load

HELLO = """misy 1
## Saluda a quien haga falta.
pipeline hola "Saludo matutino" (nombre: string, veces: int = 2) {
  return { saludo: "¡Hola, ${nombre}!", veces }
}
"""
TWO = HELLO + "pipeline adiós() { return 1 }\n".replace("ó", "o")


class TestLoad:
    def test_a_file_by_path_or_by_the_text_of_a_path(self, folder: Path) -> None:
        file = folder / "año.misy"
        file.write_text(HELLO, "utf-8")
        for one in (load(file), load(str(file)), load("año.misy")):
            assert (one.name, one.title) == ("hola", "Saludo matutino")
            assert one.description == "Saluda a quien haga falta."
            assert [each.name for each in one.parameters] == ["nombre", "veces"]
            assert repr(one) == "<pipeline hola(nombre, veces): 0 steps>"
            assert one.check() == ()

    def test_a_text(self) -> None:
        assert load(HELLO).name == "hola"
        assert load("pipeline p() { return 1 }").name == "p"

    def test_a_file_that_is_not_there_is_told_without_a_traceback(self, folder: Path) -> None:
        with pytest.raises(MisyError, match=r"nada\.misy cannot be read"):
            load("nada.misy")

    def test_a_path_is_a_file_whatever_its_name(self, folder: Path) -> None:
        for name in ("a{b}.misy", "sin-final", "dos\nlíneas.misy"):
            file = folder / name
            file.write_text(HELLO, "utf-8")
            assert load(file).name == "hola"
        assert load("a{b}.misy").name == "hola"
        assert load("sin-final").name == "hola"
        with pytest.raises(MisyError, match=r"x\{y\}\.misy cannot be read: there is no such file"):
            load("x{y}.misy")

    @pytest.mark.parametrize("nothing", ["viral", "", "  ", "a\0b", "flujos/viral.yaml"])
    def test_what_is_neither_a_file_nor_a_text_is_told_as_such(
        self, folder: Path, nothing: str
    ) -> None:
        assert folder.exists()
        with pytest.raises(MisyError, match="is neither a file nor the text of a pipeline"):
            load(nothing)

    def test_a_slip_in_the_name_of_a_file_gets_the_one_that_was_meant(self, folder: Path) -> None:
        (folder / "viral.misy").write_text(HELLO, "utf-8")
        with pytest.raises(MisyError, match=r"no such file\. Did you mean viral\.misy\?"):
            load("virl.misy")

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("a\0.misy", "no file has a NUL in its name"),
            ("n" * 300, "cannot be read: File name too long"),
            ("/dev/zero", "it is a device, not a file"),
            (".", r"it is a folder; name a file in it: p\.misy"),
            ("vacía", "it is a folder, and no .misy file is in it"),
        ],
    )
    def test_what_is_no_file_is_told_as_what_it_is(
        self, folder: Path, name: str, words: str
    ) -> None:
        (folder / "p.misy").write_text(HELLO, "utf-8")
        (folder / "vacía").mkdir()
        with pytest.raises(MisyError, match=words):
            load(Path(name))

    def test_a_name_that_is_not_utf_8_is_refused_before_it_is_recorded(self, folder: Path) -> None:
        file = folder / "m\udcff.misy"
        file.write_text(HELLO, "utf-8")
        assert not check_file(file).errors
        with pytest.raises(MisyError, match="its name is not UTF-8 text") as refused:
            load(file)
        assert str(refused.value).encode()

    def test_one_of_several_pipelines_is_named(self) -> None:
        assert load(TWO, "adios").name == "adios"
        with pytest.raises(MisyError, match="several pipelines, say which: hola, adios"):
            load(TWO)
        with pytest.raises(MisyError, match=r"no pipeline `adioz`. Did you mean `adios`\?"):
            load(TWO, "adioz")
        with pytest.raises(MisyError, match="It has: hola, adios"):
            load(TWO, "zzzzzz")

    def test_a_file_without_a_pipeline_is_told(self) -> None:
        with pytest.raises(MisyError, match="has no pipeline"):
            load("misy 1\nlet x = 1\n")

    def test_a_bad_file_raises_with_every_diagnostic(self, folder: Path) -> None:
        file = folder / "p.misy"
        file.write_text(
            "misy 1\nagent a(q: string) -> string\n"
            "pipeline p() {\n  step s { call aa(q: 1) }\n  step t { call a(q: 3) }\n  return u\n}\n",
            "utf-8",
        )
        with pytest.raises(SourceInvalid) as caught:
            load(file)
        assert len(caught.value.diagnostics) == 3
        assert "p.misy:4" in str(caught.value)
        assert "Did you mean `a`" in str(caught.value)
        assert len(check_file(file).errors) == 3

    def test_bytes_that_are_no_text_are_a_diagnostic(self, folder: Path) -> None:
        file = folder / "p.misy"
        file.write_bytes(b"misy 1\n\xff\xfe\n")
        found = check_file(file)
        assert found.library is None
        assert found.errors

    def test_warnings_do_not_keep_a_file_from_loading(self) -> None:
        text = "misy 1\nlet unused = 1\npipeline p() { return 1 }"
        found = load(text).check()
        assert all(not one.is_error for one in found)

    def test_steps_that_wait_for_each_other_are_told_as_a_path(self) -> None:
        text = "misy 1\npipeline p() {\n  step x { return y }\n  step y { return x }\n}"
        (circle,) = check_text(text).errors
        assert "x" in str(circle)
        assert "y" in str(circle)

    def test_imports_are_found_beside_the_file(self, folder: Path) -> None:
        (folder / "lib").mkdir()
        (folder / "lib" / "palabras.misy").write_text('misy 1\nlet señal = "¡ya!"\n', "utf-8")
        (folder / "p.misy").write_text(
            'misy 1\nimport { señal } from "./lib/palabras.misy"\npipeline p() { return señal }',
            "utf-8",
        )
        assert load("p.misy").run(journal=folder / "j.db").result == "¡ya!"


class TestInputs:
    def test_they_have_their_names_with_dashes_or_underscores(self, journal: Journal) -> None:
        text = "misy 1\npipeline p(min-score: float, x: int = 1) { return { min-score, x } }"
        found = load(text)
        assert found.run(min_score=0.5).result == {"min-score": 0.5, "x": 1}
        assert found.start({"min-score": 1}).journal is journal

    def test_one_input_under_two_spellings_is_refused(self, folder: Path) -> None:
        found = load("misy 1\npipeline p(min-score: float) { return min-score }")
        with pytest.raises(InputsInvalid, match="min-score"):
            found.start({"min-score": 1.0, "min_score": 2.0})

    def test_an_unknown_one_is_told_with_the_one_that_was_meant(self, folder: Path) -> None:
        found = load(HELLO)
        with pytest.raises(InputsInvalid, match=r"no input `nombe`. Did you mean `nombre`\?"):
            found.run(nombe="x")
        with pytest.raises(InputsInvalid, match="It takes: nombre, veces"):
            found.run(zzzz=1)
        with pytest.raises(InputsInvalid, match="It takes: nothing"):
            load("misy 1\npipeline p() { return 1 }").run(x=1)
        assert not (folder / ".misy" / "journal.db").exists() or misydsl.runs().empty

    def test_one_of_the_wrong_type_is_told_by_its_name(self, folder: Path) -> None:
        with pytest.raises(InputsInvalid, match=r"`p`\.palabra: expected string, got 3"):
            load("misy 1\npipeline p(palabra: string) { return palabra }").run(palabra=3)

    def test_a_missing_one_is_told_with_its_type(self, folder: Path) -> None:
        with pytest.raises(InputsInvalid, match="`hola` needs `nombre: string`"):
            load(HELLO).run()

    def test_what_may_be_null_may_be_left_out(self, journal: Journal) -> None:
        assert load("misy 1\npipeline p(x: string?) { return x }").run().result is None

    def test_one_of_the_wrong_type_is_refused_before_a_run_exists(self, journal: Journal) -> None:
        with pytest.raises(InputsInvalid, match="expected string"):
            load(HELLO).run(nombre=3)
        assert journal.runs() == []

    def test_a_mapping_takes_those_named_like_a_word_of_the_method(self, journal: Journal) -> None:
        text = (
            "misy 1\npipeline p(inputs: int, agents: int, session: string, journal: int, x: int = 0)"
            " { return { inputs, agents, session, journal, x } }"
        )
        given = {"inputs": 1, "agents": 2, "session": "s", "journal": 3}
        assert load(text).run(inputs=given, x=4).result == {**given, "x": 4}

    async def test_an_awaited_run_takes_a_mapping_too(self, journal: Journal) -> None:
        run = await load("misy 1\npipeline p(agents: int) { return agents }").arun(
            inputs={"agents": 2}
        )
        assert run.result == 2

    def test_one_by_name_and_in_the_mapping_is_refused(self, folder: Path) -> None:
        with pytest.raises(InputsInvalid, match="`nombre` is given twice"):
            load(HELLO).run(inputs={"nombre": "a"}, nombre="b")
        with pytest.raises(InputsInvalid, match=r"has no input `3`"):
            load(HELLO).run(inputs={3: "a"})  # type: ignore[dict-item]  # what is tested

    def test_an_input_called_inputs_is_told_the_way(self, folder: Path) -> None:
        pipeline = load("misy 1\npipeline p(inputs: list[int]) { return inputs }")
        with pytest.raises(InputsInvalid, match="not a list; an input of that name goes into it"):
            pipeline.run(inputs=[1])  # type: ignore[arg-type]  # what is tested

    @pytest.mark.parametrize("session", ["s\udcff", "a\r\nX-Evil: 1", "\0"])
    def test_a_session_that_cannot_be_sent_is_refused(self, folder: Path, session: str) -> None:
        with pytest.raises(InputsInvalid, match="the session has to be text"):
            load(HELLO).run(nombre="a", session=session)

    @pytest.mark.parametrize("value", [object(), float("inf"), {"a": {1, 2, object()}}])
    def test_a_value_that_is_no_json_is_refused_before_a_run_exists(
        self, journal: Journal, value: object
    ) -> None:
        with pytest.raises(InputsInvalid):
            load("misy 1\npipeline p(x: any) { return 1 }").run(x=value)
        assert journal.runs() == []


class TestPictures:
    def found(self) -> Pipeline:
        return load(
            "misy 1\nagent lector(q: string) -> string\npipeline p() {\n"
            '  step leer "Leer el año <1>" { call lector(q: "x") }\n'
            "  step fin { return leer }\n}"
        )

    @pytest.mark.parametrize("suffix", [".svg", ".dot", ".mmd"])
    def test_the_suffix_says_the_form_and_accents_are_right(
        self, folder: Path, suffix: str
    ) -> None:
        path = self.found().graph().save(folder / f"gráfico{suffix}")
        text = path.read_text("utf-8")
        assert "año" in text
        assert {".svg": "<svg", ".dot": "digraph", ".mmd": "flowchart"}[suffix] in text

    @pytest.mark.skipif(shutil.which("dot") is None, reason="drawn by the dot program")
    def test_png_is_drawn_by_the_dot_program(self, folder: Path) -> None:
        assert self.found().graph().save("p.png").read_bytes().startswith(b"\x89PNG")

    def test_png_without_the_dot_program_is_refused_with_advice(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(folder))
        with pytest.raises(MisyError, match="dot"):
            self.found().graph().save("p.png")

    @pytest.mark.parametrize("name", ["p.jpg", "p", "p.SVGX"])
    def test_another_suffix_is_refused(self, folder: Path, name: str) -> None:
        with pytest.raises(MisyError, match=r"end its name with one of \.svg, \.png, \.dot, \.mmd"):
            self.found().graph().save(name)
        assert list(folder.iterdir()) == []

    def test_a_folder_that_is_not_there_is_told(self, folder: Path) -> None:
        with pytest.raises(MisyError, match="cannot be written"):
            self.found().graph().save("nowhere/p.svg")

    def test_it_shows_itself_in_a_notebook(self) -> None:
        picture = self.found().graph()
        shown = picture._repr_mimebundle_(include=None)
        assert shown["image/svg+xml"].lstrip().startswith("<")
        assert shown["text/plain"] == "<picture of p: 2 steps>"

    def test_a_run_colours_it(self, journal: Journal) -> None:
        run = self.found().run(agents={"lector": lambda q: q})
        assert run.graph().svg != self.found().graph().svg


def test_the_room_says_what_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match="nothing_like_that"):
        misydsl.workspace.nothing_like_that  # noqa: B018
    with pytest.raises(AttributeError, match="nothing_like_that"):
        misydsl.nothing_like_that  # noqa: B018
