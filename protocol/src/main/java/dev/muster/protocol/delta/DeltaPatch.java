package dev.muster.protocol.delta;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdDictDecompress;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** Makes a file from a base and a delta, a piece at a time, and takes nothing on trust: base and result are hashed. */
public final class DeltaPatch {
    private static final int CHUNK = 1 << 16;

    private final FileChannel base;
    private final FileChannel delta;
    private final FileChannel out;
    private final MessageDigest digest = sha256();

    private DeltaPatch(FileChannel base, FileChannel delta, FileChannel out) {
        this.base = base;
        this.delta = delta;
        this.out = out;
    }

    /**
     * Writes the result, whole and synced.
     *
     * @param sha256 of the result, from a source that is trusted; lower-case hexadecimal
     * @throws DamagedDeltaException when it cannot be made; what is in {@code result} then is worth nothing
     */
    public static void apply(Path base, Path delta, Path result, String sha256)
            throws IOException, DamagedDeltaException {
        try (FileChannel from = FileChannel.open(base);
                FileChannel with = FileChannel.open(delta);
                FileChannel to = FileChannel.open(
                        result,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            new DeltaPatch(from, with, to).run(HexFormat.of().parseHex(sha256));
            to.force(true);
        }
    }

    private void run(byte[] wanted) throws IOException, DamagedDeltaException {
        ByteBuffer header = read(DeltaFormat.HEADER);
        byte[] magic = bytes(header, DeltaFormat.MAGIC.length);
        if (!Arrays.equals(magic, DeltaFormat.MAGIC)) {
            throw new DamagedDeltaException("it is no delta");
        }
        byte[] baseHash = bytes(header, DeltaFormat.HASH);
        long baseSize = header.getLong();
        byte[] resultHash = bytes(header, DeltaFormat.HASH);
        long resultSize = header.getLong();
        if (!Arrays.equals(resultHash, wanted)) {
            throw new DamagedDeltaException("it makes " + hex(resultHash) + ", wanted is " + hex(wanted));
        }
        if (base.size() != baseSize || !Arrays.equals(hash(base), baseHash)) {
            throw new DamagedDeltaException("it is for the base " + hex(baseHash) + ", this is another one");
        }
        long made = 0;
        while (made < resultSize) {
            made += segment(resultSize - made);
        }
        if (delta.position() != delta.size()) {
            throw new DamagedDeltaException("it goes on behind its end");
        }
        byte[] found = digest.digest();
        if (!Arrays.equals(found, wanted)) {
            throw new DamagedDeltaException(
                    "what it makes has the SHA-256 " + hex(found) + ", wanted is " + hex(wanted));
        }
    }

    /** @return the length of the piece */
    private int segment(long missing) throws IOException, DamagedDeltaException {
        ByteBuffer header = read(DeltaFormat.SEGMENT_HEADER);
        long offset = header.getLong();
        int window = header.getInt();
        int length = header.getInt();
        int packed = header.getInt();
        boolean isSound = offset >= 0
                && window > 0
                && window <= DeltaFormat.WINDOW
                && offset <= base.size() - window
                && length > 0
                && length <= Math.min(DeltaFormat.PIECE, missing)
                && packed > 0
                && packed <= DeltaFormat.PACKED;
        if (!isSound) {
            throw new DamagedDeltaException("a segment of it is out of bounds");
        }
        if (packed > delta.size() - delta.position()) {
            throw new DamagedDeltaException("it ends in the middle of a segment");
        }
        try (Arena arena = Arena.ofConfined();
                ZstdDecompressCtx context = new ZstdDecompressCtx()) {
            ByteBuffer source = delta.map(MapMode.READ_ONLY, delta.position(), packed, arena)
                    .asByteBuffer();
            ByteBuffer dictionary =
                    base.map(MapMode.READ_ONLY, offset, window, arena).asByteBuffer();
            ByteBuffer piece = arena.allocate(length).asByteBuffer();
            unpack(context, source, dictionary, piece);
            delta.position(delta.position() + packed);
            digest.update(piece.duplicate());
            while (piece.hasRemaining()) {
                out.write(piece);
            }
            return length;
        }
    }

    private static void unpack(ZstdDecompressCtx context, ByteBuffer source, ByteBuffer dictionary, ByteBuffer piece)
            throws DamagedDeltaException {
        try (ZstdDictDecompress known = new ZstdDictDecompress(dictionary, true)) {
            context.loadDict(known);
            int made = context.decompressDirectByteBuffer(piece, 0, piece.capacity(), source, 0, source.capacity());
            if (made != piece.capacity()) {
                throw new DamagedDeltaException(
                        "a segment of it makes " + made + " bytes, " + piece.capacity() + " are announced");
            }
        } catch (ZstdException e) {
            throw new DamagedDeltaException("a segment of it cannot be unpacked: " + e.getMessage(), e);
        }
    }

    private ByteBuffer read(int length) throws IOException, DamagedDeltaException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (delta.read(bytes) < 0) {
                throw new DamagedDeltaException("it ends too early");
            }
        }
        return bytes.flip();
    }

    private static byte[] bytes(ByteBuffer from, int length) {
        byte[] bytes = new byte[length];
        from.get(bytes);
        return bytes;
    }

    private static byte[] hash(FileChannel file) throws IOException {
        MessageDigest digest = sha256();
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        for (long at = 0; file.read(chunk, at) > 0; at += chunk.position(), chunk.clear()) {
            digest.update(chunk.array(), 0, chunk.position());
        }
        return digest.digest();
    }

    private static String hex(byte[] hash) {
        return HexFormat.of().formatHex(hash);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
