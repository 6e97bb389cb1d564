package dev.muster.registry.asset;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.Asset;
import dev.muster.registry.selector.SqlCondition;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An order of a list of assets that an index serves: one page costs the same wherever it is. */
public enum AssetOrder {
    ID("id", false, false),
    ID_DESCENDING("-id", false, true),
    /** By the index asset_created. */
    CREATED("created", true, false),
    CREATED_DESCENDING("-created", true, true);

    private final String wire;
    private final boolean timed;
    private final boolean descending;

    AssetOrder(String wire, boolean timed, boolean descending) {
        this.wire = wire;
        this.timed = timed;
        this.descending = descending;
    }

    /** Where an asset is in any of the orders. */
    record Place(Instant created, String id) {
        static Place of(Asset asset) {
            return new Place(asset.created(), asset.id().value());
        }
    }

    public static AssetOrder ofWire(String wire) {
        return Arrays.stream(values())
                .filter(order -> order.wire.equals(wire))
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        ErrorCode.INVALID,
                        "sort must be one of "
                                + Arrays.stream(values())
                                        .map(order -> order.wire)
                                        .toList()
                                + "; the others have no index"));
    }

    /** For the token of the next page. */
    String key(Asset last) {
        return timed ? last.created() + " " + last.id() : last.id().value();
    }

    @Nullable Place after(@Nullable String key) {
        if (key == null) {
            return null;
        }
        if (!timed) {
            return new Place(Instant.EPOCH, key);
        }
        int space = key.indexOf(' ');
        try {
            return new Place(Instant.parse(key.substring(0, Math.max(space, 0))), key.substring(space + 1));
        } catch (DateTimeException foreign) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "continue is of a list in another order; ask without it to start from the first page");
        }
    }

    SqlCondition following(Place place) {
        String than = descending ? "<" : ">";
        return timed
                ? SqlCondition.of(
                        "((created, id) " + than + " (?, ?))", place.created().atOffset(ZoneOffset.UTC), place.id())
                : SqlCondition.of("(id " + than + " ?)", place.id());
    }

    String sql() {
        String way = descending ? " desc" : "";
        return timed ? "created" + way + ", id" + way : "id" + way;
    }
}
