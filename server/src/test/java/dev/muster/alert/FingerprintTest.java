package dev.muster.alert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FingerprintTest {
    /** As Alertmanager 0.25 answered for the same labels. */
    @Test
    void isAlertmanagers() {
        assertThat(Fingerprint.of(new TreeMap<>(Map.of("alertname", "Hot")))).isEqualTo("592ecc9a3acefc0b");
        assertThat(Fingerprint.of(new TreeMap<>())).isEqualTo("cbf29ce484222325");
    }
}
