package dev.muster.registry.selector;

import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.muster.registry.Asset;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A field of {@code asset} in a selector: its name, its column, its value. */
enum AssetField {
    ID("id", "id", Kind.TEXT, asset -> asset.id().value()),
    TYPE("type", "type", Kind.TEXT, Asset::type),
    LABELS("labels", "labels", Kind.TEXTS, Asset::labels),
    OWNER("owner", "owner", Kind.TEXT, Asset::owner),
    REGION("region", "region", Kind.TEXT, Asset::region),
    SITE("site", "site", Kind.TEXT, Asset::site),
    HARDWARE("hardware", "hardware", Kind.TEXT, Asset::hardware),
    LIFECYCLE("lifecycle", "lifecycle", Kind.TEXT, asset -> asset.lifecycle().wire()),
    PRESENCE("presence", "presence", Kind.TEXT, asset -> asset.presence().wire()),
    PRESENCE_SINCE("presenceSince", "presence_since", Kind.INSTANT, Asset::presenceSince),
    LAST_SEEN("lastSeen", "last_seen", Kind.INSTANT, Asset::lastSeen),
    CERTIFICATE_EXPIRES("certificateExpires", "certificate_expires", Kind.INSTANT, Asset::certificateExpires),
    SOFTWARE("software", "software", Kind.TEXTS, Asset::software),
    DRIFT(
            "drift",
            "drift",
            Kind.COUNT,
            asset -> asset.drift() == null ? null : asset.drift().longValue()),
    CREATED("created", "created", Kind.INSTANT, Asset::created),
    UPDATED("updated", "updated", Kind.INSTANT, Asset::updated);

    /** What a field holds. Text is never absent, only empty; an instant or a count may be absent, and a key of texts. */
    enum Kind {
        TEXT(SimpleType.STRING),
        INSTANT(SimpleType.TIMESTAMP),
        COUNT(SimpleType.INT),
        TEXTS(MapType.create(SimpleType.STRING, SimpleType.STRING));

        private final CelType type;

        Kind(CelType type) {
            this.type = type;
        }

        CelType type() {
            return type;
        }
    }

    static final Map<String, AssetField> BY_NAME =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(AssetField::celName, field -> field));

    private final String celName;
    private final String column;
    private final Kind kind;
    private final Function<Asset, @Nullable Object> value;

    AssetField(String celName, String column, Kind kind, Function<Asset, @Nullable Object> value) {
        this.celName = celName;
        this.column = column;
        this.kind = kind;
        this.value = value;
    }

    String celName() {
        return celName;
    }

    String column() {
        return column;
    }

    Kind kind() {
        return kind;
    }

    @Nullable Object of(Asset asset) {
        return value.apply(asset);
    }
}
