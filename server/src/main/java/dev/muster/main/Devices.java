package dev.muster.main;

import dev.muster.command.Nudges;
import dev.muster.ddi.DdiSettings;
import dev.muster.gateway.DevicePlane;
import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.ddi.DdiDoor;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.Artifacts;
import dev.muster.gateway.port.Deployments;
import dev.muster.gateway.port.DownlinkSource;
import dev.muster.gateway.port.Enrolment;
import dev.muster.gateway.port.FileIntake;
import dev.muster.gateway.port.GatewayTokens;
import dev.muster.gateway.port.TlsMaterial;
import dev.muster.pki.LiveSessions;
import dev.muster.pki.PkiWorker;
import dev.muster.pki.ServerIdentity;
import dev.muster.platform.config.ListenAddress;
import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The device plane of this server: its sockets open when everything behind them runs, and close first. */
@Component
final class Devices {
    static final Setting<ListenAddress> MQTT_LISTEN = Setting.address(
            "mqtt-listen", "127.0.0.1:8883", "Where assets connect by MQTT over mutual TLS; 0.0.0.0 for all networks.");
    static final Setting<ListenAddress> DEVICE_LISTEN = Setting.address(
            "device-listen", "127.0.0.1:8443", "Where assets enrol and report by HTTPS; 0.0.0.0 for all networks.");
    static final Setting<Integer> REQUESTS_PER_MINUTE = Setting.count(
            "device-requests-per-minute",
            DevicePlaneConfig.Https.DEFAULT.requests().perMinute(),
            1,
            1_000_000,
            "Requests by HTTPS that one asset with a good certificate may make, whatever its address.");
    static final Setting<Integer> ATTEMPTS_PER_MINUTE = Setting.count(
            "device-attempts-per-minute",
            DevicePlaneConfig.Https.DEFAULT.attempts().perMinute(),
            1,
            1_000_000,
            "Requests by HTTPS without a good certificate, enrolments among them, that one address may make.");
    static final Setting<Optional<ListenAddress>> MQTT_PLAIN_LISTEN = new Setting<>(
            "mqtt-plain-listen",
            "host:port on loopback, empty for none",
            "",
            "Where programs on this machine connect as assets by MQTT without TLS, with an asset's token.",
            false,
            Devices::loopback);
    static final Setting<Long> DOWNLOAD_RATE = Setting.bytes(
            "download-bytes-per-second",
            "0",
            0,
            "What all downloads of artifacts by assets from this server may take of its line together; 0 for all.");
    static final Setting<Long> SITE_DOWNLOAD_RATE = Setting.bytes(
            "download-bytes-per-second-per-site",
            "0",
            0,
            "What the downloads of one site's assets may take together, without a site those from one address; 0 for all.");
    static final List<Setting<?>> SETTINGS = List.of(
            MQTT_LISTEN,
            MQTT_PLAIN_LISTEN,
            DEVICE_LISTEN,
            DeviceUrl.DEVICE_URL,
            REQUESTS_PER_MINUTE,
            ATTEMPTS_PER_MINUTE,
            DOWNLOAD_RATE,
            SITE_DOWNLOAD_RATE);

    private final Settings settings;
    private final ServerIdentity identity;
    private final Journal journal;
    private final Admission admission;
    private final Enrolment enrolment;
    private final Artifacts artifacts;
    private final FileIntake files;
    private final DownlinkSource downlink;
    private final Deployments deployments;
    private final GatewayTokens gateways;
    private final DeviceUrl url;
    private final LiveSessions sessions;
    private final Nudges nudges;
    private final PkiWorker pki;
    private final MeterRegistry meters;
    private final Clock clock;
    private @Nullable DevicePlane plane;

    Devices(
            Settings settings,
            ServerIdentity identity,
            Journal journal,
            Admission admission,
            Enrolment enrolment,
            Artifacts artifacts,
            FileIntake files,
            DownlinkSource downlink,
            Deployments deployments,
            GatewayTokens gateways,
            DeviceUrl url,
            LiveSessions sessions,
            Nudges nudges,
            PkiWorker pki,
            MeterRegistry meters,
            Clock clock) {
        this.settings = settings;
        this.identity = identity;
        this.journal = journal;
        this.admission = admission;
        this.enrolment = enrolment;
        this.artifacts = artifacts;
        this.files = files;
        this.downlink = downlink;
        this.deployments = deployments;
        this.gateways = gateways;
        this.url = url;
        this.sessions = sessions;
        this.nudges = nudges;
        this.pki = pki;
        this.meters = meters;
        this.clock = clock;
    }

    void open() {
        DevicePlaneConfig config = DevicePlaneConfig.listeningOn(
                        settings.get(MQTT_LISTEN).socketAddress(),
                        settings.get(DEVICE_LISTEN).socketAddress())
                .with(limits());
        ListenAddress plain = settings.get(MQTT_PLAIN_LISTEN).orElse(null);
        if (plain != null) {
            config = config.with(DevicePlaneConfig.PlainMqtt.listeningOn(plain.socketAddress()));
        }
        try {
            DevicePlane opened = DevicePlane.start(
                    config,
                    identity.material(),
                    journal,
                    admission,
                    enrolment,
                    artifacts,
                    files,
                    downlink,
                    new DdiDoor(
                            deployments,
                            gateways,
                            settings.get(DdiSettings.TARGET_TOKENS),
                            settings.get(DdiSettings.GATEWAY_TOKENS)),
                    meters,
                    clock);
            plane = opened;
            url.opened(opened.httpsPort());
            sessions.attach(opened::disconnect);
            nudges.attach(opened::nudge, opened::nudgeSession);
            pki.onNewIdentity(tls -> replaceTls(opened, tls));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot open the device plane", e);
        }
    }

    private DevicePlaneConfig.Https limits() {
        DevicePlaneConfig.Https bounds = DevicePlaneConfig.Https.DEFAULT;
        return bounds.withRequests(bounds.requests().perMinute(settings.get(REQUESTS_PER_MINUTE)))
                .withAttempts(bounds.attempts().perMinute(settings.get(ATTEMPTS_PER_MINUTE)))
                .withDownloads(new DevicePlaneConfig.Downloads(
                        bounds.downloads().max(), settings.get(DOWNLOAD_RATE), settings.get(SITE_DOWNLOAD_RATE)));
    }

    void close() {
        if (plane != null) {
            plane.close();
            plane = null;
        }
    }

    /** {@code host:port} as on the wire; null while closed. */
    @Nullable String mqtt() {
        return plane == null ? null : at(MQTT_LISTEN, plane.mqttPort());
    }

    /** The same without TLS; null when there is none. */
    @Nullable String mqttPlain() {
        ListenAddress address = settings.get(MQTT_PLAIN_LISTEN).orElse(null);
        return plane == null || address == null
                ? null
                : new ListenAddress(address.host(), plane.mqttPlainPort()).toString();
    }

    private static Optional<ListenAddress> loopback(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        ListenAddress address = ListenAddress.parse(text);
        if (!address.loopback()) {
            throw new IllegalArgumentException(
                    "must be an address of loopback, for example 127.0.0.1:1883: what is said"
                            + " without TLS can be read on the way; assets on other machines connect to mqtt-listen");
        }
        return Optional.of(address);
    }

    /** URL of the device HTTPS; null while closed. */
    @Nullable String https() {
        return plane == null ? null : "https://" + at(DEVICE_LISTEN, plane.httpsPort());
    }

    /** A wildcard address is where to listen, not where to connect. */
    private String at(Setting<ListenAddress> setting, int port) {
        ListenAddress address = settings.get(setting);
        boolean any = address.socketAddress().getAddress() != null
                && address.socketAddress().getAddress().isAnyLocalAddress();
        return new ListenAddress(any ? "127.0.0.1" : address.host(), port).toString();
    }

    private static void replaceTls(DevicePlane plane, TlsMaterial tls) {
        try {
            plane.replaceTls(tls);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot give the device plane its new certificate", e);
        }
    }
}
