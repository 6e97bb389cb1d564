package dev.muster.gateway.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a segment, big-endian.
 *
 * <pre>
 * header   magic 8 · format version 4 · offset of the first record 8 · CRC32C of these 4
 * record   CRC32C of all that follows 4 · length of all that follows 4 ·
 *          offset 8 · index in its batch 4 · received at 8 · kind 1 · format 1 · asset length 1 · subtopic length 2 ·
 *          asset · subtopic · payload
 * </pre>
 *
 * <p>The offset less the index in its batch says up to where the journal had been synced when the record was written.
 * So a reader can tell a torn batch (its later records may be there without the earlier) from damage to what was synced.
 *
 * <p>Not thread-safe.
 */
final class RecordFormat {
    static final long MAGIC = 0x4d5553544a524e4cL; // MUSTJRNL
    static final int VERSION = 1;
    static final int HEADER_BYTES = 24;
    static final int FRAME_BYTES = 8;
    static final int FIXED_BYTES = 25;
    static final int MAX_SUBTOPIC_BYTES = 512;
    /** From the beginning of a record; the length of the subtopic comes behind it. */
    private static final int ASSET_LENGTH_AT = FRAME_BYTES + 22;

    private final CRC32C crc = new CRC32C();

    static int bytesOf(Offered entry) {
        return FRAME_BYTES
                + FIXED_BYTES
                + entry.asset().value().length()
                + entry.subtopic().length
                + entry.payload().length;
    }

    void putHeader(ByteBuffer to, long baseOffset) {
        int start = to.position();
        to.putLong(MAGIC).putInt(VERSION).putLong(baseOffset);
        to.putInt(checksum(to, start, HEADER_BYTES - 4));
    }

    /** Null when the header is good, else what is wrong with it. */
    @Nullable String headerProblem(ByteBuffer from, long baseOffset) {
        if (from.remaining() < HEADER_BYTES) {
            return "the header has " + from.remaining() + " of " + HEADER_BYTES + " bytes";
        }
        int start = from.position();
        if (from.getLong(start) != MAGIC) {
            return "it does not begin as a journal segment does";
        }
        if (from.getInt(start + HEADER_BYTES - 4) != checksum(from, start, HEADER_BYTES - 4)) {
            return "the header's checksum is wrong";
        }
        if (from.getInt(start + 8) != VERSION) {
            return "its format is version " + from.getInt(start + 8) + ", this program reads version " + VERSION;
        }
        if (from.getLong(start + 12) != baseOffset) {
            return "its first offset is " + from.getLong(start + 12) + ", its name says " + baseOffset;
        }
        return null;
    }

    void putRecord(ByteBuffer to, Offered entry, long offset, int indexInBatch) {
        int start = to.position();
        String asset = entry.asset().value();
        to.putInt(0).putInt(bytesOf(entry) - FRAME_BYTES);
        to.putLong(offset).putInt(indexInBatch).putLong(entry.receivedAt());
        to.put((byte) entry.kind().code()).put(entry.format().code());
        to.put((byte) asset.length()).putShort((short) entry.subtopic().length);
        for (int i = 0; i < asset.length(); i++) {
            to.put((byte) asset.charAt(i)); // asset ids are ASCII
        }
        to.put(entry.subtopic()).put(entry.payload());
        to.putInt(start, checksum(to, start + 4, to.position() - start - 4));
    }

    /** Null when a whole good record begins at the buffer's position, else what is wrong with it. */
    @Nullable String recordProblem(ByteBuffer from) {
        int start = from.position();
        if (from.remaining() < FRAME_BYTES) {
            return "a record's frame has " + from.remaining() + " of " + FRAME_BYTES + " bytes";
        }
        int length = length(from);
        if (length < FIXED_BYTES) {
            return "a record's length is " + length + ", the least is " + FIXED_BYTES;
        }
        if (length > from.remaining() - FRAME_BYTES) {
            return "a record of " + length + " bytes has " + (from.remaining() - FRAME_BYTES);
        }
        if (from.getInt(start) != checksum(from, start + 4, length + 4)) {
            return "a record's checksum is wrong";
        }
        int named = FIXED_BYTES
                + (from.get(start + ASSET_LENGTH_AT) & 0xff)
                + (from.getShort(start + ASSET_LENGTH_AT + 1) & 0xffff);
        if (named > length) {
            return "a record of " + length + " bytes says that " + named + " are before its payload";
        }
        return null;
    }

    static int length(ByteBuffer from) {
        return from.getInt(from.position() + 4);
    }

    static long offset(ByteBuffer from) {
        return from.getLong(from.position() + 8);
    }

    static int indexInBatch(ByteBuffer from) {
        return from.getInt(from.position() + 16);
    }

    /** Takes the good record at the buffer's position and moves beyond it. */
    static StoredRecord take(ByteBuffer from) {
        int end = from.position() + FRAME_BYTES + length(from);
        from.position(from.position() + FRAME_BYTES);
        long offset = from.getLong();
        from.getInt(); // index in batch
        long receivedAt = from.getLong();
        int kind = from.get() & 0xff;
        byte format = from.get();
        byte[] asset = new byte[from.get() & 0xff];
        byte[] subtopic = new byte[from.getShort() & 0xffff];
        from.get(asset).get(subtopic);
        byte[] payload = new byte[end - from.position()];
        from.get(payload);
        return new StoredRecord(
                offset,
                receivedAt,
                new String(asset, StandardCharsets.US_ASCII),
                kind,
                new String(subtopic, StandardCharsets.UTF_8),
                format,
                payload);
    }

    private int checksum(ByteBuffer of, int start, int length) {
        int position = of.position();
        int limit = of.limit();
        crc.reset();
        crc.update(of.limit(start + length).position(start));
        of.limit(limit).position(position);
        return (int) crc.getValue();
    }
}
