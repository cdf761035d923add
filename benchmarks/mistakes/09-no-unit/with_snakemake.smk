rule all:
    input:
        "written.txt",


rule find:
    output:
        text="found.txt",
    resources:
        runtime=1000,
    shell:
        "sleep 1.5; echo about ai > {output.text}"


rule write:
    input:
        text=rules.find.output.text,
    output:
        "written.txt",
    params:
        style="formal",
    shell:
        "echo {params.style} > {output}; cat {input.text} >> {output}"
