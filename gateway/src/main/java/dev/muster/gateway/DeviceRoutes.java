package dev.muster.gateway;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.desired.DesiredRoute;
import dev.muster.gateway.download.DownloadRoutes;
import dev.muster.gateway.est.EstRoutes;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.port.Artifacts;
import dev.muster.gateway.port.DownlinkSource;
import dev.muster.gateway.port.Enrolment;
import dev.muster.gateway.uplink.UplinkRoutes;
import dev.muster.gateway.uplink.Vault;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;

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
        var vault = new Vault(journal, config, meters, clock);
        return Stream.of(
                        new EstRoutes(enrolment, config.https()).routes(),
                        new UplinkRoutes(vault).routes(),
                        new DesiredRoute(downlink).routes(),
                        new DownloadRoutes(artifacts, config.https(), meters).routes())
                .flatMap(List::stream)
                .toList();
    }
}
