package dev.muster.release.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.tuf.Sha256;
import dev.muster.release.artifact.ArtifactStore.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    private final byte[] content = new byte[200_000];
    private String hash = "";

    @SuppressWarnings("NullAway.Init")
    private ArtifactStore store;

    @BeforeEach
    void open() {
        new Random(7).nextBytes(content);
        hash = Sha256.of(content);
        store = new ArtifactStore(directory, 1_000_000, 2);
    }

    @Test
    void piecesBecomeTheWhole() throws Exception {
        assertThat(append(0, 120_000)).isEqualTo(new Progress(120_000, false));
        assertThat(store.find(hash)).isEmpty();
        store = new ArtifactStore(directory, 1_000_000, 2); // another process
        assertThat(store.progress(hash)).isEqualTo(new Progress(120_000, false));
        assertThat(append(120_000, 200_000)).isEqualTo(new Progress(200_000, true));

        assertThat(Files.readAllBytes(store.find(hash).orElseThrow())).isEqualTo(content);
        assertThat(store.find(hash))
                .contains(directory.resolve(hash.substring(0, 2)).resolve(hash));
        assertThat(append(0, 1)).isEqualTo(new Progress(200_000, true));
    }

    @Test
    void aPieceElsewhereIsRefusedAndSaysWhereToGoOn() {
        append(0, 1_000);

        assertThat(refusal(() -> append(2_000, 3_000)))
                .isEqualTo("conflict: the piece of artifact " + hash
                        + " begins at 2000, 1000 bytes are there; go on from there");
    }

    @Test
    void aWholeWithAnotherHashIsThrownAway() {
        String other = Sha256.of(new byte[1]);

        assertThat(refusal(() -> store.append(other, 0, content.length, new ByteArrayInputStream(content))))
                .isEqualTo("refused: what was uploaded as artifact " + other + " has the SHA-256 " + hash
                        + " and is thrown away; upload it again");
        assertThat(store.progress(other)).isEqualTo(new Progress(0, false));
    }

    @Test
    void whatCameBeforeAClientWentAwayIsKept() {
        InputStream breaking = new InputStream() {
            private int left = 5_000;

            @Override
            public int read() throws IOException {
                if (left-- <= 0) {
                    throw new IOException("connection reset");
                }
                return content[5_000 - left - 1] & 0xff;
            }
        };

        Progress progress = store.append(hash, 0, content.length, breaking);

        assertThat(progress.isWhole()).isFalse();
        assertThat(progress.size()).isPositive().isLessThanOrEqualTo(5_000);
        assertThat(append((int) progress.size(), 200_000)).isEqualTo(new Progress(200_000, true));
    }

    @Test
    void oneUploadOfAnArtifactAtATime() {
        InputStream asksAgain = new InputStream() {
            @Override
            public int read() {
                assertThat(refusal(() -> append(0, 10)))
                        .isEqualTo("conflict: artifact " + hash
                                + " is being uploaded by another request; ask for its progress and try again");
                assertThat(store.append(Sha256.of(new byte[1]), 0, 1, new ByteArrayInputStream(new byte[1])))
                        .isEqualTo(new Progress(1, true));
                return -1;
            }
        };

        store.append(hash, 0, content.length, asksAgain);

        assertThat(append(0, 200_000)).isEqualTo(new Progress(200_000, true));
    }

    @Test
    void bounds() {
        assertThat(refusal(() -> store.append(hash, 0, 1_000_001, InputStream.nullInputStream())))
                .isEqualTo("too_large: artifact " + hash
                        + " has 1000001 bytes, allowed are 1000000; raise artifact-max-bytes");
        assertThat(refusal(() -> store.append("../../etc/passwd", 0, 1, InputStream.nullInputStream())))
                .startsWith("invalid: an artifact is named by its SHA-256");
        assertThat(refusal(() -> store.append(hash, 0, 10, new ByteArrayInputStream(content))))
                .isEqualTo(
                        "invalid: artifact " + hash + " was announced with 10 bytes and more came; it is thrown away");
        store.append(Sha256.of(new byte[1]), 0, 10, new ByteArrayInputStream(new byte[1]));
        store.append(Sha256.of(new byte[2]), 0, 10, new ByteArrayInputStream(new byte[1]));
        assertThat(refusal(() -> append(0, 10))).startsWith("rate_limited: 2 artifacts are being uploaded already");
    }

    @Test
    void uploadsThatNobodyGoesOnWithExpire() throws IOException {
        append(0, 10);
        Path part = directory.resolve("uploads").resolve(hash);
        Files.setLastModifiedTime(part, FileTime.from(NOW.minus(Duration.ofHours(23))));
        assertThat(store.expireUploads(NOW, Duration.ofHours(24))).isZero();

        assertThat(store.expireUploads(NOW.plus(Duration.ofHours(2)), Duration.ofHours(24)))
                .isEqualTo(1);
        assertThat(store.progress(hash)).isEqualTo(new Progress(0, false));
    }

    @Test
    void onlyWhatIsNotNeededIsRemoved() {
        append(0, 200_000);

        assertThat(store.remove(Set.of(hash), asked -> asked)).isZero();
        assertThat(store.find(hash)).isPresent();
        assertThat(store.remove(Set.of(hash), asked -> Set.of())).isEqualTo(200_000);
        assertThat(store.find(hash)).isEmpty();
    }

    @Test
    void findsWhatWasUploadedLongAgo() throws IOException {
        append(0, 200_000);
        Files.setLastModifiedTime(store.find(hash).orElseThrow(), FileTime.from(NOW.minus(Duration.ofHours(25))));

        assertThat(store.wholeOlderThan(NOW, Duration.ofHours(24))).containsExactly(hash);
        assertThat(store.wholeOlderThan(NOW, Duration.ofHours(26))).isEmpty();
    }

    private Progress append(int from, int to) {
        return store.append(
                hash, from, content.length, new ByteArrayInputStream(Arrays.copyOfRange(content, from, to)));
    }

    private static String refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable attempt) {
        Refusal refusal = catchThrowableOfType(Refusal.class, attempt);
        assertThat(refusal.code()).isInstanceOf(ErrorCode.class);
        return refusal.code().wire() + ": " + refusal.detail();
    }
}
