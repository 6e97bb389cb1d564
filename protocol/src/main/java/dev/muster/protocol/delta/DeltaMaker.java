package dev.muster.protocol.delta;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.muster.protocol.tuf.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.function.BooleanSupplier;

/** Makes deltas. Takes a window, a piece and the tables of Zstandard for them, some 150 MiB, beside what the kernel keeps of the files. */
public final class DeltaMaker {
    private static final int LEVEL = 9;
    /** Window and piece lie within 16 MiB. */
    private static final int WINDOW_LOG = 24;
    /** Remembers every place of the window; what the level would take forgets most of it. */
    private static final int HASH_LOG = 23;

    private static final int BUCKET = 1 << 20;

    private DeltaMaker() {}

    /**
     * Writes what makes the result from the base.
     *
     * @param maxBytes of the delta; a larger one is not worth its making and is broken off
     * @param stopped asked for every piece
     * @return whether it is there; if not, nothing is
     */
    public static boolean make(Path base, Path result, Path delta, long maxBytes, BooleanSupplier stopped)
            throws IOException {
        boolean made = false;
        try (FileChannel from = FileChannel.open(base);
                FileChannel to = FileChannel.open(result);
                FileChannel out = FileChannel.open(
                        delta,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            if (from.size() == 0) {
                return false;
            }
            Anchors anchors = anchors(from, stopped);
            write(out, header(base, from.size(), result, to.size()));
            made = true;
            for (long at = 0; at < to.size() && made; at += DeltaFormat.PIECE) {
                int length = (int) Math.min(DeltaFormat.PIECE, to.size() - at);
                try (Arena arena = Arena.ofConfined()) {
                    ByteBuffer piece =
                            to.map(MapMode.READ_ONLY, at, length, arena).asByteBuffer();
                    segment(anchors, from, piece, (double) at / to.size(), out);
                }
                made = out.position() <= maxBytes && !stopped.getAsBoolean();
            }
            if (made) {
                out.force(true);
            }
        } finally {
            if (!made) {
                Files.deleteIfExists(delta);
            }
        }
        return made;
    }

    private static ByteBuffer header(Path base, long baseSize, Path result, long resultSize) throws IOException {
        return ByteBuffer.allocate(DeltaFormat.HEADER)
                .put(DeltaFormat.MAGIC)
                .put(hash(base))
                .putLong(baseSize)
                .put(hash(result))
                .putLong(resultSize)
                .flip();
    }

    private static byte[] hash(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return HexFormat.of().parseHex(Sha256.of(in));
        }
    }

    private static Anchors anchors(FileChannel base, BooleanSupplier stopped) throws IOException {
        Anchors anchors = new Anchors();
        for (long at = 0; at < base.size() && !stopped.getAsBoolean(); at += DeltaFormat.PIECE) {
            int length = (int) Math.min(DeltaFormat.PIECE, base.size() - at);
            try (Arena arena = Arena.ofConfined()) {
                anchors.remember(base.map(MapMode.READ_ONLY, at, length, arena).asByteBuffer(), at);
            }
        }
        return anchors;
    }

    private static void segment(Anchors anchors, FileChannel base, ByteBuffer piece, double place, FileChannel out)
            throws IOException {
        long offset = window(anchors, base.size(), piece, place);
        int length = (int) Math.min(DeltaFormat.WINDOW, base.size() - offset);
        try (Arena arena = Arena.ofConfined();
                ZstdCompressCtx context = new ZstdCompressCtx()) {
            context.setLevel(LEVEL)
                    .setWindowLog(WINDOW_LOG)
                    .setHashLog(HASH_LOG)
                    .setDictID(false)
                    .setContentSize(true);
            ByteBuffer packed =
                    arena.allocate(Zstd.compressBound(piece.capacity())).asByteBuffer();
            // As bytes: a dictionary made beforehand would have the tables of its level.
            byte[] window = new byte[length];
            base.map(MapMode.READ_ONLY, offset, length, arena).asByteBuffer().get(window);
            context.loadDict(window);
            int size = context.compressDirectByteBuffer(packed, 0, packed.capacity(), piece, 0, piece.capacity());
            write(
                    out,
                    ByteBuffer.allocate(DeltaFormat.SEGMENT_HEADER)
                            .putLong(offset)
                            .putInt(length)
                            .putInt(piece.capacity())
                            .putInt(size)
                            .flip());
            write(out, packed.limit(size));
        }
    }

    /** Where most of the piece's anchors are; without any, at the same place of the file. */
    private static long window(Anchors anchors, long baseSize, ByteBuffer piece, double place) {
        if (baseSize <= DeltaFormat.WINDOW) {
            return 0;
        }
        int buckets = (int) ((baseSize - 1) / BUCKET) + 1;
        int wide = DeltaFormat.WINDOW / BUCKET;
        int[] votes = anchors.votes(piece, BUCKET, buckets);
        int most = 0;
        long best = Math.max(0, (long) (place * baseSize) - DeltaFormat.WINDOW / 2);
        int sum = 0;
        for (int i = 0; i < buckets; i++) {
            sum += votes[i] - (i >= wide ? votes[i - wide] : 0);
            if (sum > most) {
                most = sum;
                best = Math.max(0, (long) (i - wide + 1) * BUCKET);
            }
        }
        return Math.min(best, baseSize - DeltaFormat.WINDOW);
    }

    private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }
}
