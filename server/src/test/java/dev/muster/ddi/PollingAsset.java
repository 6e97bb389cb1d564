package dev.muster.ddi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of the DDI as small as can be: it follows links and says what the test tells it to. */
final class PollingAsset implements AutoCloseable {
    static final String SWUPDATE = "libcurl-agent/1.0";
    static final String RAUC = "rauc-hawkbit-c-agent/1.0";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(trustingAll())
            .build();
    private final String base;
    private final String agent;
    private final String authorization;
    private final Map<String, String> tags = new HashMap<>();

    PollingAsset(String device, String id, String agent, String authorization) {
        this.base = device + "/any-tenant/controller/v1/" + id;
        this.agent = agent;
        this.authorization = authorization;
    }

    HttpRequest.Builder request(String where) {
        return HttpRequest.newBuilder(URI.create(where.startsWith("https://") ? where : base + where))
                .header("Authorization", authorization)
                .header("User-Agent", agent);
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        return send(request, BodyHandlers.ofString());
    }

    HttpResponse<byte[]> bytes(HttpRequest.Builder request) {
        return send(request, BodyHandlers.ofByteArray());
    }

    private <T> HttpResponse<T> send(HttpRequest.Builder request, BodyHandler<T> body) {
        try {
            return http.send(request.build(), body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** At an address as it was given, or at a path below the asset's. */
    HttpResponse<String> get(String where) {
        return send(request(where.startsWith("https://") ? where : base + where));
    }

    JsonNode json(String where) {
        HttpResponse<String> answer = get(where);
        assertThat(answer.statusCode()).as(where + " says " + answer.body()).isEqualTo(200);
        answer.headers().firstValue("etag").ifPresent(tag -> tags.put(where, tag));
        return JsonMapper.shared().readTree(answer.body());
    }

    /** With the tag of the last answer. */
    int again(String where) {
        return send(request(where.startsWith("https://") ? where : base + where)
                        .header("If-None-Match", tags.getOrDefault(where, "")))
                .statusCode();
    }

    JsonNode poll() {
        return json("");
    }

    /** The address that a poll gives, or nothing. */
    String link(String name) {
        return poll().path("_links").path(name).path("href").asString("");
    }

    int post(String where, String body) {
        return answered(where, body, "POST").statusCode();
    }

    int put(String where, String body) {
        return answered(where, body, "PUT").statusCode();
    }

    private HttpResponse<String> answered(String where, String body, String method) {
        return send(request(base + where)
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body)));
    }

    /** As SWUpdate spells it. @param kind deploymentBase or cancelAction */
    int feedback(String kind, int action, String execution, String finished, String detail) {
        return post("/" + kind + "/" + action + "/feedback", """
                {"id":%d,"time":"20260101T000000","status":{"result":{"progress":{"cnt":1,"of":2},"finished":"%s"},
                 "execution":"%s","details":["%s"]}}""".formatted(action, finished, execution, detail));
    }

    @Override
    public void close() {
        http.close();
    }

    /** What is tested here is not TLS. */
    private static SSLContext trustingAll() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Trusting()}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static final class Trusting extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
