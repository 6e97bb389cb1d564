package dev.muster.gateway.file;

import dev.muster.gateway.port.FileIntake.Announced;
import java.nio.charset.StandardCharsets;

/** Any texts as the headers of a file's upload, one a line: Upload-Length, Upload-Metadata, Content-Type, Repr-Digest. */
public final class AnnouncementFuzz {
    private AnnouncementFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        String[] lines = new String(data, StandardCharsets.ISO_8859_1).split("\n", -1);
        if (lines.length < 4) {
            return;
        }
        try {
            Announced file = Announcement.of(
                    Announcement.metadata(lines[1]),
                    Announcement.number("Upload-Length", lines[0]),
                    lines[2].isEmpty() ? null : lines[2],
                    lines[3].isEmpty() ? null : lines[3]);
            if (file.name().isEmpty()
                    || file.name().length() > Announcement.MAX_NAME
                    || file.name().contains("/")
                    || file.name().indexOf('\0') >= 0
                    || file.size() < 0
                    || file.labels().size() > Announcement.MAX_LABELS) {
                throw new AssertionError(file.toString());
            }
        } catch (MalformedFileException refused) {
            if (refused.getMessage() == null) {
                throw new AssertionError("refused without a reason", refused);
            }
        }
    }
}
