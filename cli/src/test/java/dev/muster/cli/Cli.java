package dev.muster.cli;

import dev.muster.cli.command.Verbs;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Runs command lines in the test's process and keeps what they print. */
final class Cli {
    private final Map<String, String> environment = new HashMap<>(Map.of("HOME", "/nonexistent"));
    private boolean interactive;
    private int width = 120;
    private String input = "";

    record Result(int code, String out, String err) {}

    static Cli at(FakeServer server) {
        return new Cli().with("MUSTER_SERVER", server.url()).with("MUSTER_TOKEN", "muster_secret");
    }

    Cli with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Cli onTerminalOf(int columns) {
        interactive = true;
        width = columns;
        return this;
    }

    Cli reading(String text) {
        input = text;
        return this;
    }

    Result run(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                interactive,
                false,
                width,
                environment);
        int code = Verbs.run(terminal, args);
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
