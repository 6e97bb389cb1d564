package dev.muster.gateway;

import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.port.Admission;
import dev.muster.gateway.port.DownlinkSource;
import dev.muster.gateway.port.Enrolment;
import dev.muster.gateway.port.TlsMaterial;
import dev.muster.protocol.AssetId;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;

/** The sockets that assets talk to: MQTT over mutual TLS, device HTTPS. */
public final class DevicePlane implements AutoCloseable {

    private DevicePlane() {}

    /** @throws IOException naming the address, when it cannot be listened on */
    public static DevicePlane start(
            DevicePlaneConfig config,
            TlsMaterial tls,
            Journal journal,
            Admission admission,
            Enrolment enrolment,
            DownlinkSource downlink,
            MeterRegistry meters,
            Clock clock)
            throws IOException {
        throw new IOException("cannot listen on " + config.mqttListen());
    }

    public int mqttPort() {
        return 0;
    }

    public int httpsPort() {
        return 0;
    }

    /** Closes the asset's live sessions; returns how many there were. */
    public int disconnect(AssetId asset, String reason) {
        return 0;
    }

    /** Something waits for the asset: its session, if there is one here, asks the downlink source. */
    public void nudge(AssetId asset) {}

    public int sessions() {
        return 0;
    }

    /** New connections get the new identity; live ones stay. */
    public void replaceTls(TlsMaterial tls) {}

    /** Stops listening, closes every session with "server shutting down"; the journal stays open. */
    @Override
    public void close() {}
}
