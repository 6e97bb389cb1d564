package dev.muster.simulator;

import dev.muster.protocol.Uplink;
import dev.muster.protocol.Uplink.Event;
import dev.muster.protocol.Uplink.Fix;
import dev.muster.protocol.Uplink.LogRecord;
import dev.muster.protocol.Uplink.Reading;
import org.jspecify.annotations.Nullable;

/** What an asset says when its clock is wrong: the same, at other times. */
final class ClockSkew {
    private ClockSkew() {}

    static Uplink shifted(Uplink uplink, long millis) {
        return switch (uplink) {
            case Uplink.Telemetry(var readings) ->
                new Uplink.Telemetry(readings.stream()
                        .map(reading -> new Reading(at(reading.ts(), millis), reading.values()))
                        .toList());
            case Uplink.Positions(var fixes) ->
                new Uplink.Positions(
                        fixes.stream().map(fix -> shifted(fix, millis)).toList());
            case Uplink.Events(var events) ->
                new Uplink.Events(events.stream()
                        .map(event -> new Event(
                                at(event.ts(), millis), event.type(), event.severity(), event.message(), event.data()))
                        .toList());
            case Uplink.Logs(var records) ->
                new Uplink.Logs(records.stream()
                        .map(each ->
                                new LogRecord(at(each.ts(), millis), each.severity(), each.body(), each.attributes()))
                        .toList());
            case Uplink.Heartbeat heartbeat ->
                new Uplink.Heartbeat(at(heartbeat.ts(), millis), heartbeat.seq(), heartbeat.health());
            // the device has put its own clock into its reports
            case Uplink.StateReport report -> report;
            case Uplink.Hello hello -> hello;
            case Uplink.CommandResult result -> result;
        };
    }

    private static Fix shifted(Fix fix, long millis) {
        return new Fix(
                at(fix.ts(), millis),
                fix.lat(),
                fix.lon(),
                fix.alt(),
                fix.speed(),
                fix.heading(),
                fix.accuracy(),
                fix.fix());
    }

    private static @Nullable Long at(@Nullable Long ts, long millis) {
        return ts == null ? null : (Long) (ts + millis);
    }
}
