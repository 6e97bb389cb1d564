package dev.muster.rollout.hook;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.rollout.hook.HookResource.DeliveryView;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Where registries send their messages: without a token of this server, each message proves by itself whose it is. */
@RestController
@Hidden
class HookDoor {
    static final String PATH = "/hooks";

    private final HookService hooks;

    HookDoor(HookService hooks) {
        this.hooks = hooks;
    }

    record Answer(List<DeliveryView> deliveries) {}

    /** 202 for every authentic message, whatever it came to: registries send again what is refused, for days. */
    @PostMapping(PATH + "/{name}")
    ResponseEntity<Answer> deliver(@PathVariable String name, HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(Message.MAX_BYTES + 1);
        if (body.length > Message.MAX_BYTES) {
            throw new Refusal(ErrorCode.TOO_LARGE, "a message to a hook has at most " + Message.MAX_BYTES + " bytes");
        }
        Map<String, String> headers = new HashMap<>();
        for (String header : Collections.list(request.getHeaderNames())) {
            headers.put(header.toLowerCase(Locale.ROOT), request.getHeader(header));
        }
        List<DeliveryView> done = hooks.deliver(name, new Message(headers, body), request.getRemoteAddr()).stream()
                .map(DeliveryView::of)
                .toList();
        return ResponseEntity.accepted().body(new Answer(done));
    }
}
