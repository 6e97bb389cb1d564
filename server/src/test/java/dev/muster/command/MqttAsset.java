package dev.muster.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.hivemq.client.mqtt.MqttClient;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient.Mqtt5Publishes;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.io.ByteArrayInputStream;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An asset as anybody could build one: a client of HiveMQ with a certificate, subscribed to its commands. */
final class MqttAsset implements AutoCloseable {
    private final String id;
    private final Mqtt5BlockingClient client;
    private final Mqtt5Publishes messages;

    private MqttAsset(String id, Mqtt5BlockingClient client, Mqtt5Publishes messages) {
        this.id = id;
        this.client = client;
        this.messages = messages;
    }

    /**
     * @param mqtt host:port
     * @param credentials as {@code POST /api/v1/assets/ID/credentials} answers
     */
    static MqttAsset connect(String mqtt, JsonNode credentials) throws Exception {
        String id = credentials.path("asset").asString();
        int colon = mqtt.lastIndexOf(':');
        Mqtt5BlockingClient client = MqttClient.builder()
                .useMqttVersion5()
                .identifier(id)
                .serverHost(mqtt.substring(0, colon))
                .serverPort(Integer.parseInt(mqtt.substring(colon + 1)))
                .sslConfig(tls(credentials))
                .buildBlocking();
        client.connect();
        Mqtt5Publishes messages = client.publishes(MqttGlobalPublishFilter.ALL);
        client.subscribeWith()
                .topicFilter("assets/" + id + "/commands")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send();
        return new MqttAsset(id, client, messages);
    }

    Mqtt5Publish receive() throws InterruptedException {
        return messages.receive(30, TimeUnit.SECONDS)
                .orElseThrow(() -> new AssertionError("asset " + id + " was told nothing for 30 s"));
    }

    JsonNode receiveJson() throws InterruptedException {
        return json(receive());
    }

    static JsonNode json(Mqtt5Publish message) {
        return JsonMapper.shared().readTree(message.getPayloadAsBytes());
    }

    /** Returns when it is acknowledged. */
    void say(String command, String result) {
        client.publishWith()
                .topic("assets/" + id + "/commands/" + command + "/result")
                .qos(MqttQos.AT_LEAST_ONCE)
                .payload(result.getBytes(UTF_8))
                .send();
    }

    private static MqttClientSslConfig tls(JsonNode credentials) throws Exception {
        List<Certificate> chain = certificates(credentials.path("certificate").asString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        byte[] der = Base64.getMimeDecoder()
                .decode(credentials.path("key").asString().replaceAll("-----[A-Z ]+-----", ""));
        keys.setKeyEntry(
                "key",
                KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der)),
                new char[0],
                chain.toArray(Certificate[]::new));
        KeyManagerFactory own = KeyManagerFactory.getInstance("PKIX");
        own.init(keys, new char[0]);
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        for (Certificate ca : certificates(credentials.path("ca").asString())) {
            roots.setCertificateEntry("ca" + roots.size(), ca);
        }
        TrustManagerFactory trusted = TrustManagerFactory.getInstance("PKIX");
        trusted.init(roots);
        return MqttClientSslConfig.builder()
                .keyManagerFactory(own)
                .trustManagerFactory(trusted)
                .build();
    }

    private static List<Certificate> certificates(String pem) throws Exception {
        return new ArrayList<>(CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(UTF_8))));
    }

    @Override
    public void close() {
        messages.close();
        client.disconnect();
    }
}
