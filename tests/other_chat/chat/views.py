from __future__ import annotations

from asgiref.sync import sync_to_async
from django.contrib.auth import alogin
from django.contrib.auth.models import User
from django.http import HttpResponse, JsonResponse
from django.shortcuts import aget_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from chat import numbers as told
from chat.ads import feed
from chat.model import model
from chat.models import Conversation, Message
from kontext_integration.slots import render_ad


async def begin(request):
    """A new person with a new conversation."""
    user = await User.objects.acreate(username=f"guest {await User.objects.acount()}")
    await alogin(request, user, "django.contrib.auth.backends.ModelBackend")
    return redirect("conversation", (await Conversation.objects.acreate(user=user)).pk)


async def show(request, pk):
    conversation = await aget_object_or_404(Conversation, pk=pk, user=await request.auser())
    messages = [message async for message in conversation.messages.all()]
    return await sync_to_async(render)(request, "chat/conversation.html", {"pk": pk, "messages": messages})


@require_POST
async def send(request, pk):
    conversation = await aget_object_or_404(Conversation, pk=pk, user=await request.auser())
    question = await conversation.messages.acreate(role="user", text=request.POST["text"])
    await feed(question, request)  # at once: the ad is looked for while the model writes
    answer = await conversation.messages.acreate(role="assistant", text=await model(question))
    await feed(answer)  # when the reply has ended
    return redirect("conversation", pk)


async def ad(request, pk):
    message = await aget_object_or_404(Message, pk=pk, conversation__user=await request.auser())
    return HttpResponse(await sync_to_async(render_ad)(str(message.pk)))


async def numbers(request):
    return JsonResponse(told.counts)
