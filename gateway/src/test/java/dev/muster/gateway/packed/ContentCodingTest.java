package dev.muster.gateway.packed;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContentCodingTest {
    private static final int MOST = 100_000;

    @ParameterizedTest
    @EnumSource(ContentCoding.class)
    void whatWasPackedComesOutUpToTheBound(ContentCoding coding) throws Exception {
        for (int size : List.of(0, 1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, MOST)) {
            byte[] content = new byte[size];
            new Random(size).nextBytes(content);
            assertThat(coding.unpack(packed(coding, content), MOST)).isEqualTo(content);
        }
        byte[] larger = packed(coding, new byte[MOST + 1]);
        assertThatThrownBy(() -> coding.unpack(larger, MOST))
                .isInstanceOfSatisfying(
                        UnpackException.class, e -> assertThat(e.isTooLarge()).isTrue())
                .hasMessage("unpacked, the payload has more than 100000 bytes");
    }

    /** The whole heap of a test has less room than these would take. */
    @ParameterizedTest
    @EnumSource(
            value = ContentCoding.class,
            names = {"GZIP", "ZSTD", "DEFLATE"})
    void aBombIsRefusedBeforeItGoesOff(ContentCoding coding) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out = writer(coding, bytes)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 512; i++) {
                out.write(zeros);
            }
        }
        assertThat(bytes.size()).isLessThan(1 << 20);
        assertThatThrownBy(() -> coding.unpack(bytes.toByteArray(), 8 << 20))
                .isInstanceOfSatisfying(
                        UnpackException.class, e -> assertThat(e.isTooLarge()).isTrue());
    }

    @ParameterizedTest
    @EnumSource(
            value = ContentCoding.class,
            names = {"GZIP", "ZSTD", "DEFLATE"})
    void whatIsDamagedIsRefusedAndNothingElseHappens(ContentCoding coding) throws IOException {
        byte[] good = packed(coding, "{\"speed\":61.2}".repeat(50).getBytes(UTF_8));
        var random = new Random(7);
        int refused = 0;
        for (int i = 0; i < 2_000; i++) {
            byte[] bad = Arrays.copyOf(good, i % 2 == 0 ? good.length : random.nextInt(good.length));
            for (int flips = 0; flips < 3 && bad.length > 0; flips++) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                coding.unpack(bad, MOST);
            } catch (UnpackException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(1_000);
    }

    /** In the first frame, in a later one, and where the content is its own window. */
    @Test
    void aWindowThatWouldTakeTheMemoryIsRefusedUnseen() throws Exception {
        byte[] gigabyte = HexFormat.of().parseHex("28b52ffd" + "00" + "a0" + "010000");
        byte[] gigabyteItself = HexFormat.of().parseHex("28b52ffd" + "a0" + "00000040" + "010000");
        byte[] eightMegabytes = HexFormat.of().parseHex("28b52ffd" + "00" + "68" + "010000");
        byte[] good = packed(ContentCoding.ZSTD, new byte[1000]);
        byte[] second = Arrays.copyOf(good, good.length + gigabyte.length);
        System.arraycopy(gigabyte, 0, second, good.length, gigabyte.length);
        for (byte[] bad : List.of(gigabyte, gigabyteItself, second)) {
            assertThatThrownBy(() -> ContentCoding.ZSTD.unpack(bad, MOST))
                    .hasMessage("the payload is packed by zstd with a window larger than 8388608 bytes");
        }
        assertThat(ContentCoding.ZSTD.unpack(eightMegabytes, MOST)).isEmpty();
    }

    @Test
    void namesAreKnownByTheirCase() {
        assertThat(ContentCoding.of(null)).contains(ContentCoding.IDENTITY);
        assertThat(ContentCoding.of("GZip")).contains(ContentCoding.GZIP);
        assertThat(ContentCoding.of("x-gzip")).contains(ContentCoding.GZIP);
        assertThat(ContentCoding.of("zstd")).contains(ContentCoding.ZSTD);
        assertThat(ContentCoding.of("br")).isEmpty();
        assertThat(ContentCoding.of("gzip, gzip")).isEmpty();
    }

    private static byte[] packed(ContentCoding coding, byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (OutputStream out = writer(coding, bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static OutputStream writer(ContentCoding coding, OutputStream out) throws IOException {
        return switch (coding) {
            case IDENTITY -> out;
            case GZIP -> new GZIPOutputStream(out);
            case DEFLATE -> new DeflaterOutputStream(out);
            case ZSTD -> new ZstdOutputStream(out);
        };
    }
}
