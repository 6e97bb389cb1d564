package dev.muster.agent.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.agent.link.Outbound;
import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.Severity;
import dev.muster.protocol.Uplink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogShipperTest {
    private static final Duration POLL = Duration.ofSeconds(5);

    @TempDir
    Path folder;

    private final List<Uplink.LogRecord> sent = new ArrayList<>();
    private Path log;
    private StateDirectory state;
    private LogShipper shipper;
    private long now = 1_800_000_000_000L;
    private int linesPerSecond = 1000;

    @BeforeEach
    void start() throws IOException {
        log = folder.resolve("app.log");
        state = StateDirectory.open(folder.resolve("state"));
        shipper = shipper(sent::addAll);
    }

    @AfterEach
    void stop() throws IOException {
        state.close();
    }

    @Test
    void whatWasThereBeforeIsPassedOverAndWhatComesIsSent() throws IOException {
        write("old\n");
        poll();
        write("2027-01-15T08:00:01.5Z ERROR disk full\nplain\nhalf");
        poll();
        write(" done\n");
        poll();
        assertThat(bodies()).containsExactly("2027-01-15T08:00:01.5Z ERROR disk full", "plain", "half done");
        assertThat(sent.getFirst())
                .isEqualTo(new Uplink.LogRecord(
                        1_800_000_001_500L,
                        Severity.ERROR,
                        "2027-01-15T08:00:01.5Z ERROR disk full",
                        Map.of("source", "app", "file", log.toString(), "offset", 4L)));
        assertThat(sent.get(1).severity()).isEqualTo(Severity.INFO);
    }

    @Test
    void aFileThatAppearsIsReadFromItsStart() throws IOException {
        poll();
        write("first\n");
        poll();
        assertThat(bodies()).containsExactly("first");
    }

    @Test
    void rotationLosesNothingOfTheOldFileAndNothingOfTheNew() throws IOException {
        poll();
        write("a\n");
        poll();
        write("b\n");
        Files.move(log, folder.resolve("app.log.1"));
        write("c\n");
        poll();
        Files.writeString(folder.resolve("app.log.1"), "d\nlast without end", StandardOpenOption.APPEND);
        poll();
        assertThat(bodies()).containsExactlyInAnyOrder("a", "b", "c", "d", "last without end");
        assertThat(sent)
                .allMatch(line -> log.toString().equals(line.attributes().get("file")));
    }

    @Test
    void aTruncatedFileIsReadFromItsStart() throws IOException {
        poll();
        write("aaaa\nbbbb\n");
        poll();
        Files.writeString(log, "c\n");
        poll();
        Files.writeString(log, "dddd\neeee\nffff\n"); // longer than before, and another content
        poll();
        assertThat(bodies()).containsExactly("aaaa", "bbbb", "c", "dddd", "eeee", "ffff");
    }

    @Test
    void aRestartGoesOnWhereItWasAlsoWhenTheFileWasRotatedMeanwhile() throws IOException {
        poll();
        write("a\n");
        poll();
        shipper.close();
        write("b\n");
        Files.move(log, folder.resolve("app.log.1"), StandardCopyOption.ATOMIC_MOVE);
        write("c\n");
        shipper = shipper(sent::addAll);
        poll();
        poll();
        assertThat(bodies()).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void linesThatWerePerhapsSentAreSentAgainJustAsTheyWere() throws IOException {
        poll();
        write("x\nx\ny\n");
        poll();
        List<Uplink.LogRecord> before = List.copyOf(sent);
        write("z\n");
        now += 60_000;
        shipper = shipper(sent::addAll); // killed: nothing was noted after the lines were sent
        poll();
        poll();
        assertThat(sent.subList(3, 6)).isEqualTo(before);
        assertThat(new LinkedHashSet<>(sent)).hasSize(4); // x, x, y, z: the server keeps each once
    }

    @Test
    void whateverTheMomentOfTheKillEveryLineIsKeptOnce() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Files.createFile(log);
        poll(); // a file that comes and goes between two looks is not found
        int lines = 0;
        int kills = 0;
        for (int step = 0; step < 300; step++) {
            switch (random.nextInt(6)) {
                case 0, 1 -> write("line " + lines++ + "\n");
                case 2 -> {
                    boolean dies = random.nextInt(3) == 0;
                    shipper = dies ? killedAfter(random.nextInt(2)) : shipper(sent::addAll);
                    kills++;
                }
                case 3 -> Files.move(log, folder.resolve("app.log." + step));
                default -> pollOrDie();
            }
            if (!Files.exists(log)) {
                Files.createFile(log);
                pollOrDie();
            }
            now += 1000;
        }
        shipper = shipper(sent::addAll);
        poll();
        poll();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            expected.add("line " + i);
        }
        List<String> kept =
                new LinkedHashSet<>(sent).stream().map(Uplink.LogRecord::body).toList();
        assertThat(kept).as("seed %s, %s kills", seed, kills).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void aBusyFileIsReadNoFasterThanAllowedAndNothingIsSkipped() throws IOException {
        linesPerSecond = 2;
        shipper = shipper(sent::addAll);
        poll();
        write("l\n".repeat(25));
        poll();
        assertThat(sent).hasSize(10);
        poll();
        assertThat(sent).hasSize(20);
        poll();
        assertThat(sent).hasSize(25);
    }

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private LogShipper killedAfter(int messages) throws IOException {
        int[] left = {messages};
        return shipper(lines -> {
            if (left[0]-- == 0) {
                throw new Killed();
            }
            sent.addAll(lines);
        });
    }

    private void pollOrDie() throws IOException {
        try {
            poll();
        } catch (Killed e) {
            shipper = shipper(sent::addAll);
        }
    }

    private void poll() throws IOException {
        shipper.poll(now, POLL);
    }

    private LogShipper shipper(java.util.function.Consumer<List<Uplink.LogRecord>> to) throws IOException {
        Outbound outbound = uplink -> {
            if (uplink instanceof Uplink.Logs(List<Uplink.LogRecord> records)) {
                to.accept(records);
            }
        };
        LogShipper fresh = new LogShipper(state, outbound, ZoneOffset.UTC);
        fresh.follow(List.of(new LogSource("app", List.of(log), Severity.INFO, linesPerSecond)));
        return fresh;
    }

    private void write(String text) throws IOException {
        Files.writeString(log, text, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private List<String> bodies() {
        return sent.stream().map(Uplink.LogRecord::body).toList();
    }
}
