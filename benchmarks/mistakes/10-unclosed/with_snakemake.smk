rule all:
    input:
        "written.txt",


rule find:
    output:
        text="found.txt",
    shell:
        "echo about ai > {output.text}"


rule write:
    input:
        text=rules.find.output.text,
    output:
        "written.txt",
    params:
        style=("formal",
    shell:
        "echo {params.style} > {output}; cat {input.text} >> {output}"
