package dev.muster.gateway.uplink;

import dev.muster.protocol.PayloadFormat;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads Content-Type; its parameters are not looked at. */
public final class MediaTypes {
    private MediaTypes() {}

    /** Lower-case, without parameters; empty when there is none. */
    public static String plain(@Nullable String contentType) {
        if (contentType == null) {
            return "";
        }
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    /** JSON where none is said, or what curl says of a body by itself; empty for what is not known. */
    static Optional<PayloadFormat> format(@Nullable String contentType) {
        return switch (plain(contentType)) {
            case "",
                    "application/json",
                    "text/json",
                    "application/x-ndjson",
                    "application/jsonl",
                    "application/x-www-form-urlencoded" -> Optional.of(PayloadFormat.JSON);
            case "application/cbor", "application/cbor-seq" -> Optional.of(PayloadFormat.CBOR);
            default -> Optional.empty();
        };
    }
}
