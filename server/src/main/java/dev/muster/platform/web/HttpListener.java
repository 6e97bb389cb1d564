package dev.muster.platform.web;

import dev.muster.platform.config.ListenAddress;
import dev.muster.platform.config.Setting;
import dev.muster.platform.config.Settings;
import java.util.List;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Where the management API listens. */
@Configuration(proxyBeanMethods = false)
public class HttpListener {
    public static final Setting<ListenAddress> LISTEN = new Setting<>(
            "http-listen",
            "host:port, port 0 is any free one",
            "127.0.0.1:8080",
            "Where the management API listens; an address of this machine only, since it speaks no TLS.",
            false,
            HttpListener::loopback);

    public static final List<Setting<?>> SETTINGS = List.of(LISTEN);

    private static ListenAddress loopback(String text) {
        ListenAddress address = ListenAddress.parse(text);
        if (!address.loopback()) {
            throw new IllegalArgumentException("must be a loopback address such as 127.0.0.1:8080: the management API"
                    + " speaks no TLS; put a proxy that does in front of it");
        }
        return address;
    }

    @Bean
    public TomcatServletWebServerFactory tomcat(Settings settings) {
        ListenAddress listen = settings.get(LISTEN);
        TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory();
        factory.setAddress(listen.socketAddress().getAddress());
        factory.setPort(listen.port());
        factory.setShutdown(Shutdown.GRACEFUL);
        return factory;
    }
}
