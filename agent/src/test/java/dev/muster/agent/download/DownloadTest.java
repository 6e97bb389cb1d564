package dev.muster.agent.download;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.sun.net.httpserver.HttpExchange;
import dev.muster.agent.budget.Bandwidth;
import dev.muster.agent.testing.Artifact;
import dev.muster.protocol.delta.DeltaMaker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadTest {
    private static final Download.Bounds BOUNDS = new Download.Bounds(1 << 20, 0, 3, 1);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private Artifact server;

    private final byte[] content = new byte[300_000];
    private final List<Duration> pauses = new ArrayList<>();

    @BeforeEach
    void serve() throws IOException {
        new Random(7).nextBytes(content);
        server = new Artifact();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void goesOnWhereTheConnectionWasCut() throws Exception {
        server.misbehave.add((exchange, all, from) -> cutAfter(exchange, 200, all, 0, 100_000));
        server.misbehave.add((exchange, all, from) -> {
            exchange.getResponseHeaders()
                    .add("Content-Range", "bytes " + from + "-" + (all.length - 1) + "/" + all.length);
            cutAfter(exchange, 206, all, from, 100_000);
        });
        assertThat(fetch(source())).isEmpty();
        assertThat(file()).hasBinaryContent(content);
        assertThat(server.requests).hasSize(3);
        assertThat(server.requests.getFirst()).isEqualTo("whole");
        assertThat(server.requests.subList(1, 3)).allMatch(range -> range.startsWith("bytes="));
        assertThat(pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(1));
    }

    @Test
    void goesOnAfterARestart() throws Exception {
        Files.write(part(), Arrays.copyOf(content, 123_456));
        assertThat(fetch(source())).isEmpty();
        assertThat(file()).hasBinaryContent(content);
        assertThat(server.requests).containsExactly("bytes=123456-");
        assertThat(part()).doesNotExist();
    }

    @Test
    void asksNothingWhenItIsThereAlready() throws Exception {
        Files.write(part(), content);
        assertThat(fetch(source())).isEmpty();
        assertThat(fetch(source())).isEmpty();
        assertThat(server.requests).isEmpty();
    }

    @Test
    void aPartOfAnotherFileIsFoundOutAndFetchedAnew() throws Exception {
        Files.write(part(), new byte[50_000]);
        assertThat(fetch(source())).isEmpty();
        assertThat(file()).hasBinaryContent(content);
        assertThat(server.requests).containsExactly("bytes=50000-", "whole");
    }

    @Test
    void startsOverWhereTheServerKnowsNoRanges() throws Exception {
        Files.write(part(), Arrays.copyOf(content, 1000));
        server.misbehave.add((exchange, all, from) -> {
            exchange.sendResponseHeaders(200, all.length);
            exchange.getResponseBody().write(all);
        });
        assertThat(fetch(source())).isEmpty();
        assertThat(file()).hasBinaryContent(content);
    }

    @Test
    void startsOverWhenAnotherRangeIsAnswered() throws Exception {
        Files.write(part(), Arrays.copyOf(content, 1000));
        server.misbehave.add((exchange, all, from) -> {
            exchange.getResponseHeaders().add("Content-Range", "bytes 0-" + (all.length - 1) + "/" + all.length);
            exchange.sendResponseHeaders(206, all.length);
            exchange.getResponseBody().write(all);
        });
        assertThat(fetch(source())).isEmpty();
        assertThat(file()).hasBinaryContent(content);
    }

    @Test
    void otherBytesAreNotTakenForTheFile() throws Exception {
        byte[] other = content.clone();
        other[250_000]++;
        server.put("app", other);
        Download.Source source =
                new Download.Source(server.put("app", other), Artifact.sha256(content), (long) content.length);
        assertThat(fetch(source))
                .hasValueSatisfying(why -> assertThat(why)
                        .contains("is another file: its SHA-256 is " + Artifact.sha256(other) + ", expected is "
                                + Artifact.sha256(content)));
        assertThat(folder).isEmptyDirectory();
        assertThat(server.requests).containsExactly("whole", "whole");
    }

    @Test
    void aFileThatIsTooLongIsCutOffBeforeItFillsTheDisk() throws Exception {
        server.misbehave.add((exchange, all, from) -> {
            exchange.sendResponseHeaders(200, 0); // chunked, of no announced length
            for (int i = 0; i < 1000; i++) {
                exchange.getResponseBody().write(all);
            }
        });
        assertThat(fetch(source()))
                .hasValueSatisfying(
                        why -> assertThat(why).contains("has more bytes than expected, 300000 are expected"));
        assertThat(Files.size(part())).isLessThanOrEqualTo(300_000);
    }

    @Test
    void anAnnouncedLengthThatIsWrongIsRefusedAtOnce() throws Exception {
        server.misbehave.add((exchange, all, from) -> cutAfter(exchange, 200, new byte[300_001], 0, 1));
        assertThat(fetch(source()))
                .hasValueSatisfying(why -> assertThat(why).endsWith("has 300001 bytes, 300000 are expected"));
    }

    @Test
    void isBoundedWhereNoSizeIsTold() throws Exception {
        byte[] large = new byte[(1 << 20) + 1];
        Download.Source source = new Download.Source(server.put("large", large), Artifact.sha256(large), null);
        assertThat(fetch(source))
                .hasValueSatisfying(why -> assertThat(why).endsWith("has 1048577 bytes, at most 1048576 are allowed"));
    }

    @Test
    void waitsAsLongAsTheServerAsks() throws Exception {
        server.misbehave.add((exchange, all, from) -> {
            exchange.getResponseHeaders().add("Retry-After", "77");
            exchange.sendResponseHeaders(503, -1);
        });
        assertThat(fetch(source())).isEmpty();
        assertThat(pauses).containsExactly(Duration.ofSeconds(77));
    }

    @Test
    void givesUpAfterSomeFailuresInARow() throws Exception {
        for (int i = 0; i < 10; i++) {
            server.misbehave.add((exchange, all, from) -> exchange.sendResponseHeaders(500, -1));
        }
        assertThat(fetch(source())).contains("127.0.0.1 answered 500, 4 times");
        assertThat(pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @Test
    void doesNotInsistOnWhatIsNotThere() throws Exception {
        Download.Source source = source();
        server.misbehave.add((exchange, all, from) -> exchange.sendResponseHeaders(404, -1));
        assertThat(fetch(source)).contains("127.0.0.1 answered 404");
        assertThat(pauses).isEmpty();
    }

    @Test
    void checksThatThereIsRoomBefore() throws Exception {
        Download.Bounds demanding = new Download.Bounds(1 << 20, Long.MAX_VALUE / 2, 0, 1);
        Optional<String> failure = download(demanding).fetch(source(), file(), percent -> {}, () -> false);
        assertThat(failure)
                .hasValueSatisfying(why ->
                        assertThat(why).contains("bytes free, " + (Long.MAX_VALUE / 2 + 300_000) + " are needed"));
        assertThat(server.requests).isEmpty();
    }

    @Test
    void keepsWhatItHasWhenItIsNotWantedAnyMore() throws Exception {
        int[] asked = {0};
        assertThat(download(BOUNDS).fetch(source(), file(), percent -> {}, () -> ++asked[0] > 3))
                .contains("it is not wanted any more");
        assertThat(Files.size(part())).isPositive();
        assertThat(fetch(source())).isEmpty();
        assertThat(file()).hasBinaryContent(content);
    }

    @Test
    void waitsWhileTheMachineIsBusy() throws Exception {
        int[] busy = {3};
        Download download = new Download(
                java.net.URI.create("https://muster.invalid/"),
                () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
                new Bandwidth(0, System::nanoTime),
                () -> busy[0]-- <= 0,
                BOUNDS,
                pauses::add);
        assertThat(download.fetch(source(), file(), percent -> {}, () -> false)).isEmpty();
        assertThat(pauses).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofSeconds(5));
    }

    @Test
    void tellsHowFarItIs() throws Exception {
        List<Integer> told = new ArrayList<>();
        assertThat(download(BOUNDS).fetch(source(), file(), told::add, () -> false))
                .isEmpty();
        assertThat(told).isSorted().contains(100);
    }

    @Test
    void takesItPackedAndGoesOnWhereThatWasCut() throws Exception {
        byte[] packed = Zstd.compress(text());
        server.misbehave.add((exchange, all, from) -> {
            assertThat(exchange.getRequestHeaders().getFirst("Accept-Encoding")).isEqualTo("zstd");
            exchange.getResponseHeaders().add("Content-Encoding", "zstd");
            cutAfter(exchange, 200, packed, 0, 30);
        });
        server.misbehave.add((exchange, all, from) -> {
            assertThat(exchange.getRequestHeaders().getFirst("Accept-Encoding")).isEqualTo("zstd");
            exchange.getResponseHeaders().add("Content-Encoding", "zstd");
            exchange.getResponseHeaders()
                    .add("Content-Range", "bytes " + from + "-" + (packed.length - 1) + "/" + packed.length);
            exchange.sendResponseHeaders(206, packed.length - from);
            exchange.getResponseBody().write(packed, from, packed.length - from);
        });
        assertThat(fetch(textSource())).isEmpty();
        assertThat(file()).hasBinaryContent(text());
        assertThat(server.requests).containsExactly("whole", "bytes=30-");
        assertThat(folder.toFile().list()).containsExactly("file");
    }

    @Test
    void whatCannotBeUnpackedIsFetchedAsItIs() throws Exception {
        byte[] other = Zstd.compress(new byte[text().length]);
        byte[] tooMuch = Zstd.compress(new byte[text().length + 1]);
        byte[] damaged = Zstd.compress(text());
        damaged[20] ^= 1;
        for (byte[] bad : List.of(other, tooMuch, damaged, new byte[100])) {
            server.requests.clear();
            server.misbehave.add((exchange, all, from) -> {
                exchange.getResponseHeaders().add("Content-Encoding", "zstd");
                exchange.sendResponseHeaders(200, bad.length);
                exchange.getResponseBody().write(bad);
            });
            assertThat(fetch(textSource())).isEmpty();
            assertThat(file()).hasBinaryContent(text());
            assertThat(server.requests).hasSize(2);
            assertThat(folder.toFile().list()).containsExactly("file");
            Files.delete(file());
        }
    }

    @Test
    void makesItOfWhatIsThereAndWhatDiffers() throws Exception {
        Path base = base(content);
        server.put("app/from/" + base.getFileName(), delta(base));
        assertThat(fetch(changedSource(), base)).isEmpty();
        assertThat(file()).hasBinaryContent(changed());
        assertThat(server.requests).hasSize(1);
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("file", Artifact.sha256(content));
    }

    @Test
    void whatDiffersGoesOnAfterARestart() throws Exception {
        Path base = base(content);
        byte[] delta = delta(base);
        server.put("app/from/" + base.getFileName(), delta);
        Files.write(folder.resolve("file.delta.part"), Arrays.copyOf(delta, 50));
        assertThat(fetch(changedSource(), base)).isEmpty();
        assertThat(file()).hasBinaryContent(changed());
        assertThat(server.requests).containsExactly("bytes=50-");
    }

    @Test
    void atTheLeastDoubtTheWholeIsFetched() throws Exception {
        Path base = base(content);
        byte[] delta = delta(base);
        byte[] damaged = delta.clone();
        damaged[delta.length - 3] ^= 1;
        String path = "app/from/" + base.getFileName();
        for (byte[] bad : List.of(
                damaged, Arrays.copyOf(delta, delta.length - 1), new byte[0], new byte[1000], new byte[200_000])) {
            server.put(path, bad);
            wholeIsFetched(base);
        }
        server.put(path, delta);
        content[5] ^= 1; // the base is not what its name says any more
        wholeIsFetched(base(content, base.getFileName().toString()));
        content[5] ^= 1;
        wholeIsFetched(base(content, "ab".repeat(32))); // one of which the server has no delta
        wholeIsFetched(folder.resolve(base.getFileName() + "0")); // gone
    }

    private void wholeIsFetched(Path base) throws Exception {
        server.requests.clear();
        assertThat(fetch(changedSource(), base)).isEmpty();
        assertThat(file()).hasBinaryContent(changed());
        assertThat(server.requests).hasSize(2);
        assertThat(folder.toFile().list()).noneMatch(name -> name.endsWith("part") || name.endsWith("delta"));
        Files.delete(file());
    }

    private byte[] text() {
        byte[] text = new byte[300_000];
        for (int i = 0; i < text.length; i++) {
            text[i] = (byte) ('a' + content[i] % 3);
        }
        return text;
    }

    private Download.Source textSource() {
        return new Download.Source(server.put("app", text()), Artifact.sha256(text()), (long) text().length);
    }

    private byte[] changed() {
        byte[] changed = content.clone();
        changed[150_000]++;
        return changed;
    }

    private Download.Source changedSource() {
        return new Download.Source(server.put("app", changed()), Artifact.sha256(changed()), (long) content.length);
    }

    private Path base(byte[] content) throws IOException {
        return base(content, Artifact.sha256(content));
    }

    private Path base(byte[] content, String name) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private byte[] delta(Path base) throws IOException {
        Path result = Files.write(folder.resolve("result"), changed());
        Path delta = folder.resolve("made");
        assertThat(DeltaMaker.make(base, result, delta, content.length / 2, () -> false))
                .isTrue();
        Files.delete(result);
        byte[] bytes = Files.readAllBytes(delta);
        Files.delete(delta);
        return bytes;
    }

    private Optional<String> fetch(Download.Source source, Path base) throws InterruptedException {
        return download(BOUNDS).fetch(source, Optional.of(base), file(), percent -> {}, () -> false);
    }

    private Download.Source source() {
        return new Download.Source(server.put("app", content), Artifact.sha256(content), (long) content.length);
    }

    private Optional<String> fetch(Download.Source source) throws InterruptedException {
        return download(BOUNDS).fetch(source, file(), percent -> {}, () -> false);
    }

    private Download download(Download.Bounds bounds) {
        return new Download(
                java.net.URI.create("https://muster.invalid/"),
                () -> (SSLSocketFactory) SSLSocketFactory.getDefault(),
                new Bandwidth(0, System::nanoTime),
                () -> true,
                bounds,
                pauses::add);
    }

    private Path file() {
        return folder.resolve("file");
    }

    private Path part() {
        return folder.resolve("file.part");
    }

    private static void cutAfter(HttpExchange exchange, int status, byte[] all, int from, int length)
            throws IOException {
        exchange.sendResponseHeaders(status, all.length - from);
        exchange.getResponseBody().write(all, from, length);
        exchange.getResponseBody().flush();
        throw new IOException("cut");
    }
}
