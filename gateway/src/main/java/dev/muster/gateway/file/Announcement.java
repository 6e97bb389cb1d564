package dev.muster.gateway.file;

import dev.muster.gateway.port.FileIntake.Announced;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what an asset says of a file: query parameters, or {@code Upload-Metadata} of tus, and a digest (RFC 9530). */
final class Announcement {
    static final int MAX_NAME = 255;
    static final int MAX_LABELS = 16;
    private static final int MAX_LABEL_VALUE = 255;
    private static final int SHA256_BYTES = 32;
    private static final String UNKNOWN_TYPE = "application/octet-stream";
    /** What curl says of any body that nothing is said of. */
    private static final String FORM = "application/x-www-form-urlencoded";

    private static final String LABEL = "label.";
    private static final Pattern KIND = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final Pattern LABEL_KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
    private static final Pattern MEDIA_TYPE = Pattern.compile("[A-Za-z0-9!#$&^_.+-]{1,63}/[A-Za-z0-9!#$&^_.+-]{1,63}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    private Announcement() {}

    /**
     * @param fields by name: {@code name} or {@code filename}, {@code kind}, {@code type} or {@code filetype}, {@code taken},
     *     {@code sha256}, {@code label.…}; others are not looked at
     * @param contentType that counts where no field says one
     * @param digest {@code Repr-Digest} or {@code Content-Digest}
     */
    static Announced of(Map<String, String> fields, long size, @Nullable String contentType, @Nullable String digest)
            throws MalformedFileException {
        if (size < 0) {
            throw new MalformedFileException("the size of the file is " + size + ", at least 0 is allowed");
        }
        String type = first(fields, "type", "filetype");
        return new Announced(
                name(first(fields, "name", "filename")),
                kind(fields.get("kind")),
                mediaType(type == null ? contentType : type),
                size,
                sha256(fields.get("sha256"), digest),
                taken(fields.get("taken")),
                labels(fields));
    }

    /** {@code key base64, key base64, key}. */
    static Map<String, String> metadata(@Nullable String header) throws MalformedFileException {
        Map<String, String> fields = new LinkedHashMap<>();
        if (header == null || header.isBlank()) {
            return fields;
        }
        for (String pair : header.split(",")) {
            String[] both = pair.strip().split(" +", 2);
            if (both[0].isEmpty()) {
                throw new MalformedFileException("Upload-Metadata has an empty key");
            }
            String value = both.length == 1 ? "" : text(base64(both[1].strip(), "Upload-Metadata " + both[0]));
            if (fields.put(both[0], value) != null) {
                throw new MalformedFileException("Upload-Metadata has the key " + printable(both[0]) + " twice");
            }
        }
        return fields;
    }

    /** A header that is a number from 0 on. */
    static long number(String header, @Nullable String value) throws MalformedFileException {
        if (value == null
                || value.isEmpty()
                || value.length() > 18
                || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new MalformedFileException(header + " is " + (value == null ? "not there" : printable(value))
                    + ", a number of bytes is needed");
        }
        return Long.parseLong(value);
    }

    private static @Nullable String first(Map<String, String> fields, String one, String other) {
        String value = fields.get(one);
        return value == null ? fields.get(other) : value;
    }

    private static String name(@Nullable String name) throws MalformedFileException {
        if (name == null || name.isEmpty() || name.length() > MAX_NAME) {
            throw new MalformedFileException("the file needs a name of 1 to " + MAX_NAME
                    + " characters: ?name=, or filename in Upload-Metadata");
        }
        if (name.equals(".")
                || name.equals("..")
                || name.codePoints().anyMatch(c -> c == '/' || c == '\\' || !isShown(c))) {
            throw new MalformedFileException("the name of the file may have no / or \\ and no control characters");
        }
        return name;
    }

    private static String kind(@Nullable String kind) throws MalformedFileException {
        if (kind == null || kind.isEmpty()) {
            return "file";
        }
        if (!KIND.matcher(kind).matches()) {
            throw new MalformedFileException("kind is " + printable(kind) + ", it must match " + KIND);
        }
        return kind;
    }

    /** Without its parameters. */
    private static String mediaType(@Nullable String type) throws MalformedFileException {
        if (type == null || type.isBlank()) {
            return UNKNOWN_TYPE;
        }
        int semicolon = type.indexOf(';');
        String bare = (semicolon < 0 ? type : type.substring(0, semicolon)).strip();
        if (!MEDIA_TYPE.matcher(bare).matches()) {
            throw new MalformedFileException(
                    "the type of the file is " + printable(type) + ", such as image/png is allowed");
        }
        return bare.equals(FORM) ? UNKNOWN_TYPE : bare;
    }

    private static @Nullable String sha256(@Nullable String field, @Nullable String digest)
            throws MalformedFileException {
        String declared = digest == null ? null : digest(digest);
        if (field == null || field.isEmpty()) {
            return declared;
        }
        if (!SHA256.matcher(field).matches()) {
            throw new MalformedFileException("sha256 is " + printable(field) + ", 64 characters 0-9a-f are needed");
        }
        if (declared != null && !declared.equals(field)) {
            throw new MalformedFileException("two digests are given, and they differ");
        }
        return field;
    }

    /** {@code sha-256=:BASE64:} among others; null when it is not among them. */
    static @Nullable String digest(String header) throws MalformedFileException {
        for (String member : header.split(",")) {
            String bare = member.strip();
            if (bare.startsWith("sha-256=")) {
                String value = bare.substring("sha-256=".length());
                if (value.length() < 2 || !value.startsWith(":") || !value.endsWith(":")) {
                    throw new MalformedFileException("the digest is not of the form sha-256=:BASE64:");
                }
                byte[] hash = base64(value.substring(1, value.length() - 1), "the digest");
                if (hash.length != SHA256_BYTES) {
                    throw new MalformedFileException("the sha-256 digest has " + hash.length + " bytes, not 32");
                }
                return HexFormat.of().formatHex(hash);
            }
        }
        return null;
    }

    /** ISO 8601, or milliseconds since 1970 as everywhere else. */
    private static @Nullable Instant taken(@Nullable String text) throws MalformedFileException {
        if (text == null || text.isEmpty()) {
            return null;
        }
        try {
            return text.length() <= 15 && text.chars().allMatch(c -> c >= '0' && c <= '9')
                    ? Instant.ofEpochMilli(Long.parseLong(text))
                    : bounded(Instant.parse(text));
        } catch (DateTimeException notATime) {
            throw new MalformedFileException(
                    "taken is " + printable(text) + ", a time such as 2026-03-01T12:00:00Z or milliseconds are needed");
        }
    }

    private static Instant bounded(Instant time) {
        if (time.isBefore(Instant.EPOCH) || time.getEpochSecond() > 253_402_300_799L) {
            throw new DateTimeException("before 1970 or after 9999");
        }
        return time;
    }

    private static Map<String, String> labels(Map<String, String> fields) throws MalformedFileException {
        Map<String, String> labels = new LinkedHashMap<>();
        for (Map.Entry<String, String> field : fields.entrySet()) {
            if (!field.getKey().startsWith(LABEL)) {
                continue;
            }
            String key = field.getKey().substring(LABEL.length());
            String value = field.getValue();
            if (!LABEL_KEY.matcher(key).matches()
                    || value.length() > MAX_LABEL_VALUE
                    || !value.codePoints().allMatch(Announcement::isShown)) {
                throw new MalformedFileException("label " + printable(key) + " is not allowed: its name must match "
                        + LABEL_KEY + ", its value has at most " + MAX_LABEL_VALUE
                        + " characters, none of them a control character");
            }
            labels.put(key, value);
        }
        if (labels.size() > MAX_LABELS) {
            throw new MalformedFileException(
                    "the file has " + labels.size() + " labels, at most " + MAX_LABELS + " are allowed");
        }
        return labels;
    }

    private static byte[] base64(String text, String what) throws MalformedFileException {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new MalformedFileException(printable(what) + " is not base64");
        }
    }

    private static String text(byte[] utf8) throws MalformedFileException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedFileException("Upload-Metadata holds text that is not UTF-8");
        }
    }

    /** PostgreSQL has no place for NUL or half a surrogate pair, people none for the others. */
    private static boolean isShown(int c) {
        int kind = Character.getType(c);
        return kind != Character.CONTROL && kind != Character.SURROGATE && kind != Character.FORMAT;
    }

    private static String printable(String text) {
        String ascii = text.replaceAll("[^\\x20-\\x7e]", "?");
        return ascii.length() <= 64 ? ascii : ascii.substring(0, 64) + "…";
    }
}
