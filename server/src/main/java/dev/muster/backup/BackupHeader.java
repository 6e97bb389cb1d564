package dev.muster.backup;

import java.time.Instant;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a backup is, its first file.
 *
 * @param format of the archive
 * @param schema the version of the database's schema, as the migrations number it
 * @param createdAt the moment of which it is
 * @param database {@code embedded} or {@code external}
 */
public record BackupHeader(int format, String schema, Instant createdAt, String database) {
    public static final String FILE = "muster-backup.json";
    static final String EMBEDDED = "embedded";
    static final String EXTERNAL = "external";
    static final int FORMAT = 1;
    static final int MAX_BYTES = 1 << 16;

    static BackupHeader of(String schema, Instant createdAt, boolean embedded) {
        return new BackupHeader(FORMAT, schema, createdAt, embedded ? EMBEDDED : EXTERNAL);
    }

    static BackupHeader read(byte[] json) {
        try {
            BackupHeader header = JsonMapper.shared().readValue(json, BackupHeader.class);
            if (header.format() > FORMAT) {
                throw new BackupDamaged("it has the format " + header.format() + ", this Muster knows formats up to "
                        + FORMAT + "; use the Muster that wrote it, or a newer one");
            }
            return header;
        } catch (JacksonException e) {
            throw new BackupDamaged("its " + FILE + " cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    byte[] json() {
        return JsonMapper.shared().writeValueAsBytes(this);
    }
}
