package dev.muster.simulator;

import java.io.PrintStream;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The lines that a run prints: for people, or as JSON. */
final class Progress {
    private static final JsonMapper JSON = new JsonMapper();

    private final boolean json;
    private final PrintStream out;

    Progress(boolean json, PrintStream out) {
        this.json = json;
        this.out = out;
    }

    void progress(FleetReport report, FleetStatistics.Latency recent) {
        if (json) {
            out.println(object("progress", report, recent));
        } else {
            out.println(line(report, recent));
        }
    }

    void summary(FleetReport report) {
        if (json) {
            out.println(object("summary", report, report.latency()));
            return;
        }
        out.println("total    " + line(report, report.latency()));
        out.println(String.format(
                Locale.ROOT,
                "         %d unacknowledged, %d dropped, %d refused; %d of %d assets took part, %.0f acknowledged a second",
                report.unacknowledged(),
                report.dropped(),
                report.refused(),
                report.assets() - report.failed(),
                report.assets(),
                report.perSecond()));
        report.failures().forEach(failure -> out.println("problem  " + failure));
    }

    private static String line(FleetReport report, FleetStatistics.Latency latency) {
        return String.format(
                Locale.ROOT,
                "%6.0f s  enrolled %d  connected %d  sent %d  acknowledged %d  reconnects %d  ack p50 %.1f ms  p99 %.1f ms",
                report.seconds(),
                report.enrolled(),
                report.connected(),
                report.sent(),
                report.acknowledged(),
                report.reconnects(),
                latency.p50(),
                latency.p99());
    }

    /** What a line on the control channel did. */
    void control(String what) {
        if (json) {
            out.println(JSON.createObjectNode()
                    .put("kind", "control")
                    .put("did", what)
                    .toString());
        } else {
            out.println("control  " + what);
        }
    }

    void error(@org.jspecify.annotations.Nullable String message) {
        System.err.println("muster sim: " + message);
    }

    private static String object(String kind, FleetReport report, FleetStatistics.Latency latency) {
        ObjectNode object = JSON.createObjectNode();
        object.put("kind", kind);
        object.put("seconds", Math.round(report.seconds() * 10) / 10.0);
        object.put("assets", report.assets());
        object.put("enrolled", report.enrolled());
        object.put("connected", report.connected());
        object.put("failed", report.failed());
        object.put("sent", report.sent());
        object.put("acknowledged", report.acknowledged());
        object.put("unacknowledged", report.unacknowledged());
        object.put("dropped", report.dropped());
        object.put("refused", report.refused());
        object.put("reconnects", report.reconnects());
        object.put("connectFailures", report.connectFailures());
        object.put("perSecond", Math.round(report.perSecond() * 10) / 10.0);
        object.put("ackP50Ms", latency.p50());
        object.put("ackP99Ms", latency.p99());
        report.failures().forEach(object.withArray("failures")::add);
        return object.toString();
    }
}
