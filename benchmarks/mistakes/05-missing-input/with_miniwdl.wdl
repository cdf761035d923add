version 1.1

task find {
  input {
    String topic
  }
  command <<<
    echo "about ~{topic}"
  >>>
  output {
    String text = read_string(stdout())
    Float score = 0.5
  }
}

task write {
  input {
    String text
    String style = "plain"
  }
  command <<<
    echo "~{text}, ~{style}"
  >>>
  output {
    String written = read_string(stdout())
  }
}

workflow article {
  input {
    String topic
  }
  call find { input: topic = topic }
  call write { input: style = "formal" }
  output {
    String written = write.written
  }
}
