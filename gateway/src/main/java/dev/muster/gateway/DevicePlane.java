package dev.muster.gateway;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.ddi.DdiDoor;
import dev.muster.gateway.ddi.DdiRoutes;
import dev.muster.gateway.download.DownloadRoutes;
import dev.muster.gateway.file.FileRoutes;
import dev.muster.gateway.https.Accepts;
import dev.muster.gateway.https.DeviceHttps;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.mqtt.MqttServer;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Artifacts;
import dev.muster.gateway.port.DownlinkSource;
import dev.muster.gateway.port.Enrolment;
import dev.muster.gateway.port.FileIntake;
import dev.muster.gateway.port.GatewayTokens;
import dev.muster.gateway.port.TlsMaterial;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The sockets that assets talk to: MQTT over mutual TLS, on loopback also without, and device HTTPS. */
public final class DevicePlane implements AutoCloseable {
    private final MqttServer mqtt;
    private final DeviceHttps https;
    private final @Nullable DdiRoutes ddi;

    private DevicePlane(MqttServer mqtt, DeviceHttps https, @Nullable DdiRoutes ddi) {
        this.mqtt = mqtt;
        this.https = https;
        this.ddi = ddi;
    }

    /** @throws IOException naming the address, when it cannot be listened on */
    public static DevicePlane start(
            DevicePlaneConfig config,
            TlsMaterial tls,
            Journal journal,
            Admission admission,
            Enrolment enrolment,
            Artifacts artifacts,
            DownlinkSource downlink,
            MeterRegistry meters,
            Clock clock)
            throws IOException {
        return start(
                config,
                tls,
                journal,
                admission,
                enrolment,
                artifacts,
                FileIntake.NOTHING,
                downlink,
                null,
                meters,
                clock);
    }

    /** @param door for assets that poll by hawkBit's DDI; null where there are none */
    public static DevicePlane start(
            DevicePlaneConfig config,
            TlsMaterial tls,
            Journal journal,
            Admission admission,
            Enrolment enrolment,
            Artifacts artifacts,
            FileIntake intake,
            DownlinkSource downlink,
            @Nullable DdiDoor door,
            MeterRegistry meters,
            Clock clock)
            throws IOException {
        MqttServer mqtt = MqttServer.start(config, tls, journal, admission, downlink, meters, clock);
        try {
            var downloads = new DownloadRoutes(artifacts, config.https(), meters);
            DdiRoutes ddi = door == null ? null : new DdiRoutes(door, journal, downloads, clock, meters);
            var files = new FileRoutes(intake, door == null ? Set.of(Accepts.CLIENT_CERTIFICATE) : door.credentials());
            var routes = DeviceRoutes.all(config, enrolment, downlink, journal, downloads, files, ddi, meters, clock);
            GatewayTokens gateways = door == null ? GatewayTokens.NONE : door.gateways();
            return new DevicePlane(mqtt, DeviceHttps.start(config, tls, admission, gateways, routes, meters), ddi);
        } catch (IOException | RuntimeException e) {
            mqtt.close();
            throw e;
        }
    }

    public int mqttPort() {
        return mqtt.port();
    }

    /** 0 when there is none. */
    public int mqttPlainPort() {
        return mqtt.plainPort();
    }

    public int httpsPort() {
        return https.port();
    }

    /** Closes the asset's live session, whose will is not taken; returns how many sessions there were. */
    public int disconnect(AssetId asset, String reason) {
        return mqtt.disconnect(asset, reason);
    }

    /** Something waits for the asset: its session, if there is one here, asks the downlink source; its next poll is answered anew. */
    public void nudge(AssetId asset) {
        mqtt.nudge(asset);
        if (ddi != null) {
            ddi.nudge(asset);
        }
    }

    /** The same for what waits unchanged: an asset that polls has been told of it. */
    public void nudgeSession(AssetId asset) {
        mqtt.nudge(asset);
    }

    public int sessions() {
        return mqtt.sessions();
    }

    /** New connections get the new identity; live ones stay. */
    public void replaceTls(TlsMaterial tls) throws IOException {
        mqtt.replaceTls(tls);
        https.replaceTls(tls);
    }

    /** Stops listening, closes every session with "server shutting down"; the journal stays open. */
    @Override
    public void close() {
        if (ddi != null) {
            ddi.close();
        }
        https.close();
        mqtt.close();
    }
}
