package dev.muster.protocol.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.protocol.tuf.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is made from an earlier one and a small delta, or it is said that it cannot be. */
class DeltaTest {
    private static final int MIB = 1 << 20;
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @Test
    void aSmallChangeIsASmallDelta() throws Exception {
        byte[] old = bytes(3 * MIB);
        byte[] changed =
                joined(Arrays.copyOf(old, MIB), "something new".getBytes(), Arrays.copyOfRange(old, MIB, old.length));
        byte[] delta = delta(old, changed);
        assertThat(delta.length).isLessThan(2_000);
        assertThat(applied(old, delta, changed)).isEqualTo(changed);
    }

    /** Beyond one window: what has moved by more than that is found by what it is, not where it is. */
    @Test
    void whatHasMovedFarIsFound() throws Exception {
        byte[] old = bytes(24 * MIB);
        byte[] changed =
                joined(Arrays.copyOfRange(old, 20 * MIB, old.length), bytes(1000), Arrays.copyOf(old, 20 * MIB));
        byte[] delta = delta(old, changed);
        assertThat(delta.length).as("seed %d", seed).isLessThan(MIB);
        assertThat(applied(old, delta, changed)).isEqualTo(changed);
    }

    @Test
    void anyTwoFilesHaveOne() throws Exception {
        for (byte[][] pair : new byte[][][] {
            {bytes(1), {}},
            {bytes(1), bytes(1)},
            {new byte[5 * MIB], bytes(1000)},
            {bytes(1000), new byte[5 * MIB]},
            {bytes(DeltaFormat.PIECE), bytes(DeltaFormat.PIECE)},
            {bytes(DeltaFormat.PIECE + 1), bytes(DeltaFormat.PIECE + 1)}
        }) {
            byte[] delta = delta(pair[0], pair[1]);
            assertThat(applied(pair[0], delta, pair[1]))
                    .as("seed %d, %d to %d bytes", seed, pair[0].length, pair[1].length)
                    .isEqualTo(pair[1]);
        }
    }

    @Test
    void oneThatIsNotWorthItIsNotMade() throws Exception {
        Path base = file("base", bytes(MIB));
        Path result = file("result", bytes(MIB));
        Path delta = folder.resolve("delta");
        assertThat(DeltaMaker.make(base, result, delta, MIB / 2, () -> false)).isFalse();
        assertThat(DeltaMaker.make(base, result, delta, 2 * MIB, () -> true)).isFalse();
        assertThat(DeltaMaker.make(file("nothing", new byte[0]), result, delta, 2 * MIB, () -> false))
                .isFalse();
        assertThat(delta).doesNotExist();
    }

    @Test
    void anotherBaseIsRefused() throws Exception {
        byte[] old = bytes(MIB);
        byte[] changed = joined(old, bytes(10));
        byte[] delta = delta(old, changed);
        byte[] other = old.clone();
        other[MIB / 2] ^= 1;
        assertThatThrownBy(() -> applied(other, delta, changed))
                .isInstanceOf(DamagedDeltaException.class)
                .hasMessageContaining("this is another one");
    }

    /** Whoever holds the server but not the keys can say what he likes in a delta: what is wanted is in the signed metadata. */
    @Test
    void oneThatMakesAnotherFileIsRefused() throws Exception {
        byte[] old = bytes(MIB);
        byte[] delta = delta(old, joined(old, bytes(10)));
        assertThatThrownBy(() -> applied(old, delta, joined(old, bytes(10))))
                .isInstanceOf(DamagedDeltaException.class)
                .hasMessageContaining("wanted is");
    }

    @Test
    void aForgedHeaderIsSeenInTheResult() throws Exception {
        byte[] old = bytes(MIB);
        byte[] wanted = joined(old, bytes(10));
        byte[] delta = delta(old, joined(old, bytes(10)));
        System.arraycopy(java.util.HexFormat.of().parseHex(hash(wanted)), 0, delta, 48, DeltaFormat.HASH);
        assertThatThrownBy(() -> applied(old, delta, wanted))
                .isInstanceOf(DamagedDeltaException.class)
                .hasMessageContaining("what it makes has the SHA-256");
    }

    /** Each byte of it, and each length, one at a time: refused, or what was wanted; never anything else. */
    @Test
    void damageIsRefusedWhereverItIs() throws Exception {
        byte[] old = bytes(20_000);
        byte[] changed = joined(Arrays.copyOf(old, 9_000), bytes(100), Arrays.copyOfRange(old, 9_050, old.length));
        byte[] delta = delta(old, changed);
        int refused = 0;
        for (int i = 0; i < delta.length; i++) {
            byte[] damaged = delta.clone();
            damaged[i] ^= (byte) (1 << random.nextInt(8));
            refused += refuses(old, damaged, changed) ? 1 : 0;
            refused += refuses(old, Arrays.copyOf(delta, i), changed) ? 1 : 0;
        }
        assertThat(refused).as("seed %d, of %d bytes", seed, delta.length).isGreaterThan(delta.length * 3 / 2);
        assertThat(refuses(old, Arrays.copyOf(delta, delta.length + 1), changed))
                .isTrue();
    }

    private boolean refuses(byte[] old, byte[] delta, byte[] wanted) throws Exception {
        try {
            assertThat(applied(old, delta, wanted)).as("seed %d", seed).isEqualTo(wanted);
            return false;
        } catch (DamagedDeltaException damaged) {
            return true;
        }
    }

    private byte[] delta(byte[] base, byte[] result) throws IOException {
        Path delta = folder.resolve("made.delta");
        assertThat(DeltaMaker.make(file("base", base), file("result", result), delta, Long.MAX_VALUE, () -> false))
                .isTrue();
        return Files.readAllBytes(delta);
    }

    private byte[] applied(byte[] base, byte[] delta, byte[] wanted) throws Exception {
        Path made = folder.resolve("made");
        DeltaPatch.apply(file("own", base), file("got.delta", delta), made, hash(wanted));
        return Files.readAllBytes(made);
    }

    private static String hash(byte[] content) throws IOException {
        return Sha256.of(new ByteArrayInputStream(content));
    }

    private Path file(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] joined(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
