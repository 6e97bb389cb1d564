package dev.muster.gateway.packed;

import io.airlift.compress.MalformedInputException;
import io.airlift.compress.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/** How a payload was packed (RFC 9110 §8.4.1, RFC 8878). */
public enum ContentCoding {
    IDENTITY {
        @Override
        InputStream reader(InputStream packed) {
            return packed;
        }
    },
    GZIP {
        @Override
        InputStream reader(InputStream packed) throws IOException {
            return new GZIPInputStream(packed, 8192);
        }
    },
    /** With the header of zlib, as the RFC has it. */
    DEFLATE {
        @Override
        InputStream reader(InputStream packed) {
            return new InflaterInputStream(packed);
        }
    },
    /** Windows of at most 8 MiB. */
    ZSTD {
        @Override
        InputStream reader(InputStream packed) {
            return new ZstdInputStream(packed);
        }
    };

    /** For messages and {@code Accept-Encoding}. */
    public static final String NAMES =
            Arrays.stream(values()).skip(1).map(ContentCoding::wire).collect(Collectors.joining(", "));

    private static final int FIRST_BYTES = 16 * 1024;

    abstract InputStream reader(InputStream packed) throws IOException;

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Empty when it is not known; none is the identity. */
    public static Optional<ContentCoding> of(@Nullable String name) {
        if (name == null || name.isBlank()) {
            return Optional.of(IDENTITY);
        }
        String wanted = name.strip();
        return Arrays.stream(values())
                .filter(coding ->
                        coding.name().equalsIgnoreCase(wanted) || (coding == GZIP && wanted.equalsIgnoreCase("x-gzip")))
                .findFirst();
    }

    /** @param most bytes that may come out; no more are unpacked */
    public byte[] unpack(byte[] packed, int most) throws UnpackException {
        if (this == IDENTITY) {
            if (packed.length > most) {
                throw UnpackException.tooLarge(most);
            }
            return packed;
        }
        try {
            if (this == ZSTD) {
                ZstdFrames.check(packed);
            }
        } catch (ArithmeticException | IndexOutOfBoundsException e) {
            throw UnpackException.malformed("the payload is not readable as zstd: it ends in the middle");
        }
        try (InputStream in = reader(new ByteArrayInputStream(packed))) {
            byte[] out = new byte[Math.min(most, FIRST_BYTES)];
            int length = 0;
            while (true) {
                int read = in.readNBytes(out, length, out.length - length);
                length += read;
                if (length < out.length) {
                    return Arrays.copyOf(out, length);
                }
                if (length == most) {
                    if (in.read() >= 0) {
                        throw UnpackException.tooLarge(most);
                    }
                    return out;
                }
                out = Arrays.copyOf(out, (int) Math.min(most, out.length * 2L));
            }
        } catch (IOException | MalformedInputException | ArithmeticException | IndexOutOfBoundsException e) {
            // The last two are how the unpacker of zstd answers some damaged headers.
            throw UnpackException.malformed("the payload is not readable as " + wire() + ": " + e.getMessage());
        }
    }
}
