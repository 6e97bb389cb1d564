package dev.muster.ddi;

import dev.muster.protocol.AssetId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Whether an order that an asset has not read yet may be shown to it. */
@FunctionalInterface
public interface OrderHours {
    Shown shown(AssetId asset, String component, Instant now);

    /** @param changes when that is another; null: not by time alone */
    record Shown(boolean isNow, @Nullable Instant changes) {
        public static final Shown ALWAYS = new Shown(true, null);
    }
}
