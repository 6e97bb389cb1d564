package dev.muster.gateway.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Any bytes as a journal's segment on disk: no record is taken that is not whole. So that more than checksums is tried, the
 * first is made right where a length allows it.
 */
public final class RecordsFuzz {
    private RecordsFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        RecordFormat format = new RecordFormat();
        ByteBuffer bytes = ByteBuffer.wrap(data.clone());
        format.headerProblem(bytes.duplicate(), 0);
        makeChecksumRight(bytes);
        while (bytes.hasRemaining() && format.recordProblem(bytes) == null) {
            int begin = bytes.position();
            int end = begin + RecordFormat.FRAME_BYTES + RecordFormat.length(bytes);
            try {
                RecordFormat.take(bytes);
            } catch (JournalException | IllegalArgumentException refused) {
                // said by the recovery with the place in the file
                bytes.position(end);
            }
            if (bytes.position() != end) {
                throw new AssertionError("a record from " + begin + " to " + end + " ended at " + bytes.position());
            }
        }
    }

    private static void makeChecksumRight(ByteBuffer bytes) {
        if (bytes.remaining() < RecordFormat.FRAME_BYTES) {
            return;
        }
        int length = RecordFormat.length(bytes);
        if (length >= 0 && length <= bytes.remaining() - RecordFormat.FRAME_BYTES) {
            CRC32C crc = new CRC32C();
            crc.update(bytes.array(), 4, length + 4);
            bytes.putInt(0, (int) crc.getValue());
        }
    }
}
