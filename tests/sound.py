"""Breaks of tests/mutants.py that change no answer: by function, the line as it stands then, and why."""

SOUND = {  # what a break leaves as it was, by function, and why
    # at exactly 0 both sides say the same
    "relu_loops": {"target[i] = 0 if source[i] <= 0 else source[i]"},
    "relu_kernel": {"y[i] = 0 if x[i] <= 0 else x[i]"},
    "sigmoid": {"return np.where(x > 0, 1, e) / (1 + e)"},
    "sigmoid_loops": {"target[i] = (one if source[i] > 0 else e) / (one + e)"},
    "sigmoid_kernel": {"y[i] = (one if x[i] > 0 else e) / (one + e)"},
    "bce_with_logits_backward": {"p = np.where(z > 0, 1, e) / (1 + e)"},
    "bce_with_logits_backward_loops": {"p = (one if z[n, 0] > 0 else e) / (one + e)"},
    "bce_with_logits_backward_kernel": {"p = (one if z[n] > 0 else e) / (one + e)"},
    "discriminator_loss_backward": {
        "p_real = np.where(real > 0, 1, e_real) / (1 + e_real)",
        "p_fake = np.where(fake > 0, 1, e_fake) / (1 + e_fake)",
    },
    "generator_loss_backward": {"p = np.where(fake > 0, 1, e) / (1 + e)"},
    # the search for the largest looks at all of them, so it may begin anywhere; and there is a label 0 at least
    "softmax_loops": {"largest = z[n, 1]"},
    "softmax_kernel": {"largest, total = (z[n, 1], z.dtype.type(0))"},
    "cross_entropy_loops": {"largest = z[n, 1]"},
    "softmax_cross_entropy_backward_loops": {"largest = z[n, 1]"},
    "class_weights_loops": {"C = 1"},
    # … and a label of C is asked about in test_losses.py
    "cross_entropy_kernel": {
        "largest = z[n, 1]",
        "if n < z.shape[0] and y[n] >= 0 and (y[n] <= z.shape[1]):",
    },
    "softmax_cross_entropy_backward_kernel": {
        "largest = z[n, 1]",
        "if n < z.shape[0] and y[n] >= 0 and (y[n] <= z.shape[1]):",
    },
    # where a sum of exponentials of differences from the largest is 1, dividing by it changes nothing
    "masked_softmax": {"if total > 1:"},
    "attention_kernel": {"if sum_of_exp > 1:"},
    # Σ (x + μ)(x − μ) is Σ (x − μ)²
    "batch_statistics_loops": {
        "sigma2[d] += (X[n, d] + mu[d]) * (X[n, d] - mu[d])",
        "sigma2[d] += (X[n, d] - mu[d]) * (X[n, d] + mu[d])",
    },
    "batch_statistics_kernel": {
        "square += (X[n, d] + mean) * (X[n, d] - mean)",
        "square += (X[n, d] - mean) * (X[n, d] + mean)",
    },
    # an error is 1 or −1; mistakes are counted to see whether there were any, and an epoch more changes nothing
    "perceptron_train": {
        "w, b = (w + lr * error * x, b + lr / error)",
        "w, b = (w + lr / error * x, b + lr * error)",
        "for x, label in zip(X, y, strict=False):",
        "mistakes += 2",
        "mistakes -= 1",
        "mistakes = 1",
    },
    "perceptron_train_loops": {
        "b += lr / error",
        "w[d] += lr / error * X[n, d]",
        "mistakes += 2",
        "mistakes -= 1",
        "mistakes = 1",
    },
    # after the last barrier any thread of the block may hand the sum on, and every thread may write the same
    "reduce_sum": {"if lane == 1:"},
    "weighted_sum_kernel": {"if lane != 0:", "if lane == 1:"},
    # more blocks, more threads or more room than there is work for
    "weighted_sum_cuda": {"weighted_sum_kernel[2, LANES](to_device(x), to_device(w), z)", "z = output(2, np.float64)"},
    "attention_backward_cuda": {"(N, Tq, _), Tk = (Q.shape, K.shape[2])"},
    "matmul_cuda": {"blocks = (-(-N * TILE), -(-M // TILE))", "blocks = (-(-N // TILE), -(-M * TILE))"},
    "sum_of": {
        "reduce_sum[-(-values.size * LANES), LANES](values, total)",
        "total = to_device(np.zeros(2, values.dtype))",
    },
    "gru_step_cuda": {"h_next, gates = (output((N, H), x.dtype), output((N, 5 * H), x.dtype))"},
    "gru_backward_cuda": {
        "da, dq = (output((N, T, 3 * H), hs.dtype), output((N, T, 4 * H), hs.dtype))",
        "da, dq = (output((N, T, 4 * H), hs.dtype), output((N, T, 3 * H), hs.dtype))",
    },
    "gru_backward_loops": {
        "da, dq = (np.empty((N, T, 3 * H), hs.dtype), np.empty((N, T, 4 * H), hs.dtype))",
        "da, dq = (np.empty((N, T, 4 * H), hs.dtype), np.empty((N, T, 3 * H), hs.dtype))",
    },
    "lstm_step_cuda": {
        "h_next, c_next, gates = (output((N, H), x.dtype), output((N, H), x.dtype), output((N, 5 * H), x.dtype))"
    },
    "lstm_step_backward_cuda": {
        "h_next, c_next, gates = (output((N, H), x.dtype), output((N, H), x.dtype), output((N, 5 * H), x.dtype))",
        "dc, dz, later = (to_device(dc_next), output((N, 5 * H), x.dtype), to_device(np.zeros_like(h)))",
    },
    # threads share out the pixels otherwise: the sides have no common factor
    "moved_kernel": {"n, c, h, w = (cell // (C * H * W), cell // (H * W) % C, cell * W % H, cell % W)"},
    "global_average_pool_backward_kernel": {
        "n, c, h, w = (cell // (C * H * W), cell * (H * W) % C, cell // W % H, cell % W)",
        "n, c, h, w = (cell // (C * H * W), cell // (H * W) % C, cell * W % H, cell % W)",
    },
    # no draw is exactly ½, or exactly what has been summed up so far; an image more is one that nobody looks at
    "augment": {
        "P = np.pad(X, ((0, 1), (0, 0), (shift, shift), (shift, shift)))",
        "corners, mirrored = (rng.integers(2 * shift + 1, size=(N, 2)), rng.random(N) <= 0.5)",
    },
    "draws": {"corners, mirrored = (rng.integers(2 * shift + 1, size=(N, 2)), rng.random(N) <= 0.5)"},
    # … the search for the peak may begin anywhere, and only a sum that is rounded below 1 comes to the last line
    "pick": {"if so_far >= u * total:", "peak, total = (z[1], 0.0)", "return V + 1", "return V - 2"},
    # the filters are squares; wrong shapes are asked about in test_out_of_bounds.py
    "output_sides": {"return tuple((conv_out_size(side, K.shape[3], stride, pad) for side in X.shape[2:]))"},
    "conv2d_forward_kernel": {"for i in range(K.shape[3]):"},
    "conv2d_input_gradient_kernel": {"for i in range(K.shape[3]):"},
    "conv2d_backward_loops": {"without check_outputs(dY, X, K, stride, pad)"},
    "conv2d_backward_cuda": {"without check_outputs(dY, X, K, stride, pad)"},
    # to NumPy any number below 0 is the size that is left
    "rows_of": {"return ids.reshape(-2)"},
    "dense_over_time": {"dX, dW, db = dense_backward(*(array.reshape(-2, array.shape[2]) for array in (dz, X)), W)"},
    # the largest of the sums is the largest of the means, also where each is larger by 1; a first one is always found
    "ensemble_predict": {"return np.argmax(np.sum(P, axis=0), axis=1)"},
    "ensemble_predict_loops": {
        "best, most = (0, P.dtype.type(-2))",
        "best, most = (1, P.dtype.type(-1))",
        "total = P.dtype.type(1)",
    },
    "ensemble_predict_kernel": {
        "best, most = (0, P.dtype.type(-2))",
        "best, most = (1, P.dtype.type(-1))",
        "total = P.dtype.type(1)",
    },
    "ensemble_predict_cuda": {"labels = to_device(np.full(N, -2))"},
    # every entry is written before anybody reads it, or only the shape counts
    "conv2d_backward": {"dP, dK = (np.zeros_like(P), np.ones_like(K))"},
    "rnn_forward": {"hs = np.ones((N, T, h0.shape[1]), X.dtype)"},
    "bptt": {"dX, dWx = (np.ones_like(X), np.zeros_like(Wx))", "dWh, db = (np.zeros_like(Wh), np.zeros_like(Wh[1]))"},
    "gru_forward": {
        "hs, gates = (np.ones((N, T, H), X.dtype), np.zeros((N, T, 4 * H), X.dtype))",
        "hs, gates = (np.zeros((N, T, H), X.dtype), np.ones((N, T, 4 * H), X.dtype))",
    },
    "gru_backward": {
        "dX, dWx, dWh = (np.ones_like(X), np.zeros_like(Wx), np.zeros_like(Wh))",
        "dbx, dbh, dh = (np.zeros_like(Wx[1]), np.zeros_like(Wh[0]), np.zeros_like(h0))",
        "dbx, dbh, dh = (np.zeros_like(Wx[0]), np.zeros_like(Wh[1]), np.zeros_like(h0))",
    },
    "lstm_forward": {
        "hs, cs = (np.ones((N, T, H), X.dtype), np.zeros((N, T, H), X.dtype))",
        "hs, cs = (np.zeros((N, T, H), X.dtype), np.ones((N, T, H), X.dtype))",
        "gates = np.ones((N, T, 4 * H), X.dtype)",
    },
    "lstm_backward": {
        "dX, dWx, dWh, db = (np.ones_like(X), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wh[0]))",
        "dX, dWx, dWh, db = (np.zeros_like(X), np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(Wh[1]))",
    },
    "attention_loops": {
        "A, Y, root = (np.ones((N, Tq, Tk), Q.dtype), np.zeros((N, Tq, Dv), Q.dtype), Q.dtype.type(math.sqrt(D)))"
    },
    "numeric_gradient": {"g = np.ones(x.shape)"},
    # what a pickle would do is asked in tests/solutions/test_checkpoint.py
    "load_checkpoint": {"with np.load(path, allow_pickle=True) as archive:"},
}
