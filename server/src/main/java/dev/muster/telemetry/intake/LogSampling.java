package dev.muster.telemetry.intake;

import dev.muster.protocol.AssetId;
import dev.muster.protocol.Severity;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;

/**
 * Keeps the share of log lines that a type wants of their severity, and every line of the assets of which they are wanted
 * {@linkplain WholeLogs whole}; counts the others.
 */
public final class LogSampling {
    private final MeterRegistry meters;
    private final WholeLogs whole;

    public LogSampling(MeterRegistry meters, WholeLogs whole) {
        this.meters = meters;
        this.whole = whole;
    }

    /** The same line of the same moment is always kept, or never: a replay changes nothing. */
    boolean keeps(TypeSchema schema, Intake.Origin origin, Severity severity, long ts, long hash) {
        Double share = schema.logShares().get(severity);
        if (share == null
                || place(origin.asset(), ts, hash) < share
                || whole.wanted(origin.asset(), origin.receivedAt())) {
            return true;
        }
        meters.counter(
                        "muster.telemetry.logs.sampled",
                        "type",
                        schema.type(),
                        "severity",
                        severity.name().toLowerCase(Locale.ROOT))
                .increment();
        return false;
    }

    /** From 0 to below 1, evenly. */
    private static double place(AssetId asset, long ts, long hash) {
        return (Keys.content(asset.value(), Long.toString(ts), Long.toString(hash)) >>> 11) * 0x1p-53;
    }
}
