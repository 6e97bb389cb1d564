package dev.muster.agent.logs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LineSplitterTest {
    @TempDir
    Path folder;

    @Test
    void aLineWithoutEndWaitsUnlessNothingMoreComes() throws IOException {
        byte[] content = bytes("one\r\ntwo\n\nthr");
        assertThat(read(content, 0, 100, false))
                .isEqualTo(new LineSplitter.Lines(
                        List.of(new Line(0, "one", false), new Line(5, "two", false), new Line(9, "", false)), 10));
        assertThat(read(content, 10, 100, false)).isEqualTo(new LineSplitter.Lines(List.of(), 10));
        assertThat(read(content, 10, 100, true))
                .isEqualTo(new LineSplitter.Lines(List.of(new Line(10, "thr", false)), 13));
    }

    @Test
    void stopsAtTheNumberOfLinesThatIsAskedFor() throws IOException {
        assertThat(read(bytes("a\nb\nc\n"), 0, 2, false))
                .isEqualTo(new LineSplitter.Lines(List.of(new Line(0, "a", false), new Line(2, "b", false)), 4));
    }

    @Test
    void aLongLineIsCutBetweenCharactersAndTheNextOneIsWhole() throws IOException {
        for (int shift = 0; shift < 4; shift++) {
            String text = "x".repeat(shift) + "€".repeat(20_000) + "\nnext\n";
            LineSplitter.Lines lines = read(bytes(text), 0, 100, false);
            assertThat(lines.lines()).hasSize(2);
            Line cut = lines.lines().getFirst();
            assertThat(cut.cut()).isTrue();
            assertThat(cut.text()).matches("x{" + shift + "}€{5459,5461}");
            assertThat(lines.lines().getLast().text()).isEqualTo("next");
        }
    }

    @Test
    void aFileWithoutLineEndsIsTakenInPieces() throws IOException {
        byte[] content = new byte[LineSplitter.MAX_UNENDED_BYTES * 2 + 100];
        java.util.Arrays.fill(content, (byte) 'a');
        LineSplitter.Lines lines = read(content, 0, 100, false);
        assertThat(lines.lines()).hasSize(2).allMatch(Line::cut);
        assertThat(lines.next()).isGreaterThan(2L * LineSplitter.MAX_UNENDED_BYTES);
    }

    @Test
    void whereverReadingStopsTheLinesAreTheSame() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.append("ä".repeat(random.nextInt(100))).append(i).append('\n');
        }
        byte[] content = bytes(text.toString());
        List<String> lines = new ArrayList<>();
        long at = 0;
        while (at < content.length) {
            LineSplitter.Lines some = read(content, at, random.nextInt(1, 50), false);
            some.lines().forEach(line -> lines.add(line.text()));
            at = some.next();
        }
        assertThat(String.join("\n", lines) + "\n").as("seed %s", seed).isEqualTo(text.toString());
    }

    private LineSplitter.Lines read(byte[] content, long from, int maxLines, boolean last) throws IOException {
        Path file = Files.write(folder.resolve("file"), content);
        try (FileChannel channel = FileChannel.open(file)) {
            return LineSplitter.read(channel, from, content.length, maxLines, Integer.MAX_VALUE, last);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
