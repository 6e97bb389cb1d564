package dev.muster.gateway;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.ddi.DdiRoutes;
import dev.muster.gateway.desired.DesiredRoute;
import dev.muster.gateway.download.DownloadRoutes;
import dev.muster.gateway.est.EstRoutes;
import dev.muster.gateway.file.FileRoutes;
import dev.muster.gateway.https.Accepts;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.logs.LogRoutes;
import dev.muster.gateway.otlp.OtlpRoutes;
import dev.muster.gateway.port.Artifacts;
import dev.muster.gateway.port.DownlinkSource;
import dev.muster.gateway.port.Enrolment;
import dev.muster.gateway.port.FileIntake;
import dev.muster.gateway.prometheus.PrometheusRoutes;
import dev.muster.gateway.uplink.UplinkRoutes;
import dev.muster.gateway.uplink.Vault;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All that device HTTPS answers, in the order of docs/protocol.md. */
public final class DeviceRoutes {
    private DeviceRoutes() {}

    public static List<Route> all(
            DevicePlaneConfig config,
            Enrolment enrolment,
            Artifacts artifacts,
            DownlinkSource downlink,
            Journal journal,
            MeterRegistry meters,
            Clock clock) {
        return all(
                config,
                enrolment,
                downlink,
                journal,
                new DownloadRoutes(artifacts, config.https(), meters),
                new FileRoutes(FileIntake.NOTHING, Set.of(Accepts.CLIENT_CERTIFICATE)),
                null,
                meters,
                clock);
    }

    /** @param ddi null where no asset polls */
    static List<Route> all(
            DevicePlaneConfig config,
            Enrolment enrolment,
            DownlinkSource downlink,
            Journal journal,
            DownloadRoutes downloads,
            FileRoutes files,
            @Nullable DdiRoutes ddi,
            MeterRegistry meters,
            Clock clock) {
        var vault = new Vault(journal, config, meters, clock);
        return Stream.of(
                        new EstRoutes(enrolment, config.https()).routes(),
                        new UplinkRoutes(vault).routes(),
                        new OtlpRoutes(vault).routes(),
                        new PrometheusRoutes(vault).routes(),
                        new LogRoutes(vault).routes(),
                        new DesiredRoute(downlink).routes(),
                        downloads.routes(),
                        files.routes(),
                        ddi == null ? List.<Route>of() : ddi.routes())
                .flatMap(List::stream)
                .toList();
    }
}
