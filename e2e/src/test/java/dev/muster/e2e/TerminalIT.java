package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a hostile asset says, at a real pseudo-terminal, that of {@code script} of util-linux: it is shown, and not obeyed. */
class TerminalIT {
    /** In JSON: erases, sets the title, fills the clipboard, goes up, asks the terminal to type, writes over, hides, turns around. */
    private static final String HOSTILE =
            "\\u001b[2J\\u001b]0;owned\\u0007\\u001b]52;c;ZQ==\\u0007\\u001b[1Aup\\u001b[6n"
                    + "\\u009b2Jc1\\rover\\b\\bwrite\\u001bP1$r\\u001b\\\\\\u001b[8mhidden\\u001bc\\u202eevil\\u007f";

    private static final Pattern COLOURS = Pattern.compile("\u001b\\[(?:[01]|3[1-3]|90)m");
    private static final Pattern OBEYED =
            Pattern.compile("[\\p{Cntrl}\u0080-\u009f\u202a-\u202e\u2066-\u2069&&[^\n\t]]");

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static ServerProcess server;

    @SuppressWarnings("NullAway.Init")
    private static CommandLine muster;

    @BeforeAll
    static void start() throws Exception {
        for (String program : List.of("script", "curl")) {
            if (System.getenv("CI") != null) {
                assertThat(Programs.onPath(program)).as(program).isPresent();
            }
            assumeThat(Programs.onPath(program))
                    .as("SKIPPED, %s is not installed", program)
                    .isPresent();
        }
        server = new ServerProcess(folder.resolve("data"), Map.of(), List.of());
        server.start();
        muster = new CommandLine(server, folder.resolve("cli"));
        muster.must("create", "asset", "evil-1", "--type", "linux-device");
        muster.must(
                "asset",
                "credentials",
                "evil-1",
                "--out",
                folder.resolve("keys").toString());
        say("logs", "{\"severity\":\"error\",\"body\":\"%1$s\",\"attributes\":{\"unit\":\"%1$s\"}}");
        say("events", "{\"type\":\"door.open\",\"severity\":\"warn\",\"message\":\"%1$s\",\"data\":{\"n\":\"%1$s\"}}");
        say(
                "state/reported",
                "{\"generation\":0,\"config\":{\"x\":\"%1$s\"},\"rejected\":{\"generation\":1,\"reason\":\"%1$s\"}}");
        // What is acknowledged is stored; queries see it a moment later.
        for (String command : List.of("logs", "events", "timeline", "twin")) {
            Await.that(
                    command + " shows what the asset wrote",
                    Duration.ofMinutes(1),
                    () -> muster.must(command, "evil-1").contains("owned"));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void whatAnAssetWroteMovesNoCursorAndHidesNothing() throws Exception {
        assertIsShown(atATerminal("logs", "evil-1"));
        assertIsShown(atATerminal("events", "evil-1"));
        assertIsShown(atATerminal("timeline", "evil-1"));
    }

    @Test
    void noMoreDoesADocument() throws Exception {
        assertIsShown(atATerminal("logs", "evil-1", "-o", "yaml"));
        assertIsShown(atATerminal("twin", "evil-1", "-o", "json"));
    }

    private static void assertIsShown(String screen) {
        assertThat(screen).contains("owned", "evil");
        assertThat(OBEYED.matcher(COLOURS.matcher(screen).replaceAll("")).results())
                .as("in %s", screen.replace("\u001b", "ESC"))
                .isEmpty();
    }

    /** @return what the terminal gets, with the ends of lines of a file */
    private static String atATerminal(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(Programs.java("cli", arguments));
        command.addAll(List.of("--data-dir", server.dataDirectory().toString()));
        String line = command.stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        return run(List.of("script", "-qec", line, "/dev/null")).replace("\r\n", "\n");
    }

    private static void say(String topic, String json) throws Exception {
        String keys = folder.resolve("keys").toString();
        assertThat(run(List.of(
                        "curl",
                        "-sS",
                        "-w",
                        "%{http_code}",
                        "--cacert",
                        keys + "/ca.pem",
                        "--cert",
                        keys + "/certificate.pem",
                        "--key",
                        keys + "/key.pem",
                        "-d",
                        json.formatted(HOSTILE),
                        server.device() + "/v1/" + topic)))
                .isEqualTo("204");
    }

    private static String run(List<String> command) throws Exception {
        Path out = Files.createTempFile(folder, "out", "");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile());
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("COLUMNS", "1000"); // nothing is cut
        Process process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end");
        }
        String printed = Files.readString(out, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(printed).isZero();
        return printed;
    }
}
